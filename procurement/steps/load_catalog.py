"""Load the catalog, and keep the index of its words and numbers (CatalogToken) in step."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select

from procurement.catalog import NUMBER_MARK, tokens
from procurement.folder_data import CatalogData
from procurement.steps.load_master import supplier_ids
from procurement.steps.load_rows import Counts, Difference, Target, difference, write
from records.tables import CatalogItem, CatalogToken

INDEXED = ("description", "item_number", "supplier_item_number")
CHUNK = 500


def load_catalog(target: Target, items: Sequence[CatalogData]) -> Counts:
    """Write the catalog; items that are gone end on the day before and are from then on found by number only."""
    ending = {"valid_until": target.yesterday}
    found = difference(target, CatalogItem, ("item_number",), _rows(target, items), ending)
    write(target, CatalogItem, found, ending, {})
    _index(target, found)
    return found.counts


def _rows(target: Target, items: Iterable[CatalogData]) -> Iterable[dict[str, Any]]:
    ids = supplier_ids(target)
    for item in items:
        values = asdict(item)
        values["price_breaks"] = [[format(part, "f") for part in one] for one in item.price_breaks]
        yield values | {"supplier_id": ids[values.pop("supplier")]}


def _index(target: Target, found: Difference) -> None:
    """Rewrite the tokens of what was added, renamed, revived or ended; what ended keeps its numbers."""
    changed = {
        name: row_id
        for name, (row_id, new, _) in found.updated.items()
        if "valid_until" in new or any(column in new for column in INDEXED)
    }
    _delete_tokens(target, list(changed.values()), CatalogToken.token != "")
    _delete_tokens(target, list(found.gone.values()), ~CatalogToken.token.startswith(NUMBER_MARK))
    fresh = [*found.inserted, *changed]
    for start in range(0, len(fresh), CHUNK):
        _insert_tokens(target, fresh[start : start + CHUNK])


def _delete_tokens(target: Target, item_ids: Sequence[int], which: ColumnElement[bool]) -> None:
    for start in range(0, len(item_ids), CHUNK):
        target.session.execute(
            delete(CatalogToken).where(
                CatalogToken.organisation_id == target.organisation.id,
                CatalogToken.item_id.in_(item_ids[start : start + CHUNK]),
                which,
            )
        )


def _insert_tokens(target: Target, numbers: Sequence[str]) -> None:
    organisation_id = target.organisation.id
    items = target.session.execute(
        select(
            CatalogItem.id, CatalogItem.description, CatalogItem.item_number, CatalogItem.supplier_item_number
        ).where(CatalogItem.organisation_id == organisation_id, CatalogItem.item_number.in_(numbers))
    )
    entries = [
        {"organisation_id": organisation_id, "token": token, "item_id": item_id}
        for item_id, description, *own_numbers in items
        for token in sorted(tokens(description, own_numbers))
    ]
    if entries:
        target.session.execute(insert(CatalogToken), entries)
