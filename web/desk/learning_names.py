"""What corrections say of a sender's own names: which item or unit is meant by what was written."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.aliases import ITEM, UNIT, item_key, unit_key
from procurement.stated import overlay
from procurement.steps.catalog import match_line
from records.lessons import LONGEST_KEY
from records.tables import CatalogItem, ExceptionItem, Person, Supplier

_OF_LINE = re.compile(r"/lines/(\d{1,4})/(item_number|unit)")


_LOOKALIKE = "LOOKALIKE_SENDER"


@dataclass(frozen=True)
class Name:
    """An alias: ``key`` (procurement.aliases) means ``value``; ``shown`` is what was written."""

    kind: str
    key: str
    value: str
    shown: str


def names_learned(
    session: Session,
    organisation_id: int,
    reading: Mapping[str, Any],
    corrections: Mapping[str, Any],
    standing: Mapping[str, Any],
) -> Iterator[Name]:
    """Yield the names that ``corrections`` of ``reading`` teach; ``standing`` are all that lie over it.

    An item must be one of the catalog. A unit that was corrected together with its quantity was converted:
    that teaches nothing.
    """
    for pointer, value in corrections.items():
        match = _OF_LINE.fullmatch(pointer)
        line = _line(reading, int(match[1])) if match and value else None
        if match is None or line is None:
            continue
        name = (
            _item(session, organisation_id, line, str(value))
            if match[2] == "item_number"
            else _unit(session, organisation_id, line, overlay(reading, standing)["lines"][int(match[1])])
        )
        if name and name.key and len(name.key) <= LONGEST_KEY:
            yield name


def contact_learned(
    session: Session, item: ExceptionItem, corrections: Mapping[str, Any], address: str | None
) -> Iterator[Name]:
    """Yield for which supplier's address ``address`` was said to speak; never for a person, nor for a lookalike."""
    meant = corrections.get("/sender")
    if not meant or not address or meant == address or any(p["code"] == _LOOKALIKE for p in item.problems):
        return
    suppliers = session.scalars(select(Supplier).where(Supplier.organisation_id == item.organisation_id))
    domain = meant.rpartition("@")[2]
    fits = [one for one in suppliers if meant in (*one.emails, one.order_email) or domain in one.domains]
    people = select(Person.id).where(Person.organisation_id == item.organisation_id, Person.email.in_([meant, address]))
    if len(fits) == 1 and session.scalars(people).first() is None:
        yield Name("contact", "", meant, address)


def _line(reading: Mapping[str, Any], index: int) -> Mapping[str, Any] | None:
    lines = reading.get("lines", [])
    return lines[index] if index < len(lines) else None


def _item(session: Session, organisation_id: int, line: Mapping[str, Any], number: str) -> Name | None:
    item = _matched(session, organisation_id, {"item_number": number})
    written = line.get("item_number") or line.get("description")
    if item is None or not written or written == item.item_number:
        return None
    return Name(ITEM, item_key(line.get("item_number"), line.get("description")), item.item_number, written)


def _unit(session: Session, organisation_id: int, line: Mapping[str, Any], meant: Mapping[str, Any]) -> Name | None:
    written, unit = line.get("unit"), meant.get("unit")
    if not written or not unit or written == unit or line.get("quantity") != meant.get("quantity"):
        return None
    item = _matched(session, organisation_id, meant)
    return Name(UNIT, unit_key(written, item.item_number if item else None), unit, written)


def _matched(session: Session, organisation_id: int, line: Mapping[str, Any]) -> CatalogItem | None:
    return match_line(session, organisation_id, line.get("description"), line.get("item_number")).item
