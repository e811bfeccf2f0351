"""The step ``hand_over``: the package of a matched invoice goes to accounts payable, once."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any

from sqlalchemy.orm import Session

from dispatch.handover import hand_over_once
from records.audit import record
from records.base import utc_now
from records.blobs import Blobs
from records.flow import Done, Keep, Progress
from records.tables import InvoicePackage, Organisation
from templates.cover_page import cover_page


def hand_over(
    session: Session,
    package: InvoicePackage,
    *,
    blobs: Blobs,
    folder: Path | None,
    clock: Callable[[], datetime] = utc_now,
) -> Progress:
    """Put the package into ``folder``/ORGANISATION/KEY; without a folder it waits to be fetched from the desk."""
    if folder is None:
        return Done("to_hand_over")
    organisation = session.get_one(Organisation, package.organisation_id)
    key, content, place = package.key, dict(package.content), folder / organisation.slug
    accent = organisation.accent
    yield Keep()
    hand_over_once(place, key, package_files(content, blobs, accent))
    settle_hand_over(session, package, f"folder {place.name}", clock())
    return Done("handed_over")


def settle_hand_over(session: Session, package: InvoicePackage, to: str, now: datetime) -> None:
    """Write down that ``package`` was handed over ``to`` somebody."""
    package.handed_over_at, package.handed_over_to = now, to
    record(session, package.invoice, "handed_over", "step:hand_over", key=package.key, to=to)


def package_files(content: dict[str, Any], blobs: Blobs, accent: str) -> dict[str, bytes]:
    """Return the files of a package by name: the data, a page to read, and the original as it came."""
    original = content["document"]["original"]
    return {
        "invoice.json": json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True).encode(),
        "cover.html": cover_page(content, accent).encode(),
        _safe_name(original["name"]): blobs.get(original["sha256"]),
    }


def _safe_name(name: str) -> str:
    """Return ``original-`` and a harmless form of the name that somebody gave a file."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", PurePath(name.replace("\\", "/")).name)[-80:]
    return f"original-{plain.lstrip('.')}"
