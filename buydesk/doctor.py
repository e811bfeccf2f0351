"""The doctor: what of this installation works, what does not, and what to do about it."""

import ctypes
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from buydesk.settings import Settings
from intake.alarms import ends
from records.base import utc_now
from records.blobs import Blobs
from records.database import Database
from records.keyring import KeyMissingError, is_private
from records.migrate import revision
from records.tables import Mailbox, Organisation


@dataclass(frozen=True)
class Finding:
    """One thing examined; ``verdict`` is ok, warning or failed, ``detail`` says what to do."""

    name: str
    verdict: str
    detail: str


def examine(settings: Settings) -> list[Finding]:
    """Return a finding for each part of the installation; but for one small blob, nothing is changed by looking."""
    found = [_python(), _header_writer(), _pango(), _fonts(), _ocr(), _time_zone(), _blobs(settings)]
    database = Database(settings.url, settings.encryption_key)
    if database.file and not database.file.exists():
        missing = f"There is none at {database.file} yet: load an organisation with `buydesk org load DIR`."
        return [*found, Finding("database", "warning", missing)]
    try:
        found.append(_schema(database))
        if found[-1].verdict == "ok":
            found += [_encryption_key(database), *_mail_servers(database), *_alarms(database)]
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).strip().partition("\n")[0]
        found.append(Finding("database", "failed", f"It cannot be used: {reason}."))
    finally:
        database.close()
    return found


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("python", "ok" if sys.version_info >= (3, 11) else "failed", version)


def _header_writer() -> Finding:
    from dispatch.headers import header_writer_is_safe

    if header_writer_is_safe():
        return Finding("header writer", "ok", "This Python writes no header that was smuggled into another.")
    detail = "This Python lets an encoded word break out of a header (CVE-2024-6923); Buydesk's own writer does not."
    return Finding("header writer", "warning", detail)


def _pango() -> Finding:
    missing = [name for name in ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset") if not _loads(name)]
    if not missing:
        return Finding("pango", "ok", "Orders can be printed.")
    packages = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
    return Finding("pango", "failed", f"{', '.join(missing)} is missing. On Debian: apt-get install {packages}")


def _loads(name: str) -> bool:
    for folder in ("", "/opt/homebrew/lib/", "/usr/local/lib/"):
        for file in (f"lib{name}.so.0", f"lib{name}.dylib"):
            try:
                ctypes.CDLL(folder + file)
            except OSError:
                continue
            return True
    return False


def _fonts() -> Finding:
    from templates.glyphs import uncovered

    missing = uncovered("Größe Łódź naïve Ελλάδα Київ € ½ µm")
    if missing:
        return Finding("fonts", "failed", f"The bundled fonts lack {''.join(sorted(missing))}; install Buydesk again.")
    return Finding("fonts", "ok", "The bundled fonts are there.")


def _ocr() -> Finding:
    if shutil.which("tesseract"):
        return Finding("OCR", "ok", "Pictures and scanned pages are read with tesseract.")
    return Finding("OCR", "warning", "Pictures and scans wait for a person. On Debian: apt-get install tesseract-ocr")


def _time_zone() -> Finding:
    try:
        ZoneInfo("Europe/Berlin")
    except ZoneInfoNotFoundError:
        return Finding("time zones", "failed", "No time zone data. Install the system's tzdata.")
    return Finding("time zones", "ok", f"This machine is in {time.strftime('%Z')}; Buydesk keeps UTC.")


def _blobs(settings: Settings) -> Finding:
    blobs = Blobs(settings.blob_root)
    try:
        name = blobs.put(b"buydesk doctor\n")
        blobs.get(name)
    except OSError as error:
        return Finding("blobs", "failed", f"{settings.blob_root} cannot be written: {error.strerror or error}.")
    return Finding("blobs", "ok", f"kept in {settings.blob_root}")


def _schema(database: Database) -> Finding:
    present, newest = revision(database)
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    if present == newest:
        return Finding("database", "ok", f"{kind}, schema {present}")
    wanted = f"{kind}, schema {present or 'none'}, wanted {newest}: run `buydesk upgrade` with this version."
    return Finding("database", "failed", wanted)


def _encryption_key(database: Database) -> Finding:
    """Return whether what is sealed can be opened, and nobody else can read the key's file."""
    from procurement.steps.keys import sealed_values

    name, file = "encryption key", database.keys.file
    with database.read() as session:
        some = list(sealed_values(session))
    if file and not file.exists() and not some:
        return Finding(name, "ok", "Nothing is sealed yet; the key will be made when something is.")
    try:
        ring = database.keys.ring()
        for value in some:
            ring.open(value)
    except KeyMissingError as error:
        return Finding(name, "failed", str(error))
    if file and not is_private(file):
        return Finding(name, "warning", f"Others can read it: chmod 600 {file}")
    return Finding(name, "ok", "What is sealed can be opened. Keep a copy of the key apart from the database.")


def _mail_servers(database: Database) -> Iterator[Finding]:
    with database.read() as session:
        boxes = session.scalars(select(Mailbox).where(Mailbox.state == "active")).all()
        organisations = session.scalars(select(Organisation)).all()
        incoming = [(box.name, dict(box.config)) for box in boxes]
        outgoing = [(one.slug, dict(one.smtp)) for one in organisations]
    for name, config in incoming:
        yield _reached(f"mailbox {name}", partial(_log_in, config))
    for slug, config in outgoing:
        yield _reached(f"mail out of {slug}", partial(_greet, config))


def _alarms(database: Database) -> Iterator[Finding]:
    from scheduler.watch import places, present

    now = utc_now()
    with database.read() as session:
        for place in places(session):
            if expires := place.watched.expires:
                yield Finding(f"sign-in of {place.watched.about}", "ok", f"It {ends(expires, now)}.")
        for _, alarm in present(session, now):
            yield Finding(alarm.about, "failed" if alarm.urgent else "warning", alarm.detail)


def _reached(name: str, attempt: Callable[[], str]) -> Finding:
    try:
        return Finding(name, "ok", attempt())
    except Exception as error:  # whatever a server does wrong is what the doctor reports
        from buydesk.plain_words import explained

        return Finding(name, "failed", explained(error))


def _log_in(config: dict[str, object]) -> str:
    from intake.imap_line import Line
    from intake.mailbox import account_from
    from intake.tokens import credential

    account = account_from(config)
    with Line(account, credential(account.password, account.oauth, account.username)):
        return f"{account.username} can log in at {account.host} and open {account.folder}."


def _greet(config: dict[str, object]) -> str:
    from dispatch.smtp import conversation
    from dispatch.smtp_relay import login_of, relay_from

    relay = relay_from(config)
    with conversation(relay, login_of(relay)) as talk:
        talk.quit()
    return f"{relay.host} takes mail."
