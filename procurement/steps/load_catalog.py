"""Load the catalog, and keep the index of its words and numbers (CatalogWord, CatalogNumber) in step."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, insert, select

from procurement.catalog import index_numbers, index_words
from procurement.folder_data import CatalogData
from procurement.steps.catalog_index import Change, write_words
from procurement.steps.load_master import supplier_ids
from procurement.steps.load_rows import Counts, Difference, Target, difference, write
from records.tables import CatalogItem, CatalogNumber

INDEXED = ("description", "item_number", "supplier_item_number", "supplier_id")
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
    """Bring words and numbers in step with what was added, renamed, revived or ended; what ended keeps its numbers."""
    changed = {
        name: row_id
        for name, (row_id, new, _) in found.updated.items()
        if "valid_until" in new or any(column in new for column in INDEXED)
    }
    words: dict[str, Change] = defaultdict(Change)
    _renamed(target, found, changed, words)
    for row_id, description, supplier_id in _described(target, list(found.gone.values())):
        for word in index_words(description, supplier_id):
            words[word].gone.append(row_id)
    fresh = [*found.inserted, *changed]
    for start in range(0, len(fresh), CHUNK):
        _add(target, fresh[start : start + CHUNK], words)
    write_words(target.session, target.organisation.id, words)


def _renamed(target: Target, found: Difference, changed: Mapping[str, int], words: dict[str, Change]) -> None:
    """Take away the numbers of changed items, and the words that they were found under."""
    session, ids = target.session, list(changed.values())
    for start in range(0, len(ids), CHUNK):
        some = CatalogNumber.item_id.in_(ids[start : start + CHUNK])
        session.execute(delete(CatalogNumber).where(CatalogNumber.organisation_id == target.organisation.id, some))
    named = {row_id: name for name, row_id in changed.items()}
    for row_id, description, supplier_id in _described(target, ids):
        old = found.updated[named[row_id]][2]
        before = old.get("description", [description])[0], old.get("supplier_id", [supplier_id])[0]
        for word in index_words(*before):
            words[word].gone.append(row_id)


def _described(target: Target, ids: Sequence[int]) -> Iterator[tuple[int, str, int]]:
    for start in range(0, len(ids), CHUNK):
        rows = select(CatalogItem.id, CatalogItem.description, CatalogItem.supplier_id)
        yield from map(tuple, target.session.execute(rows.where(CatalogItem.id.in_(ids[start : start + CHUNK]))))


def _add(target: Target, names: Sequence[str], words: dict[str, Change]) -> None:
    columns = (CatalogItem.id, CatalogItem.description, CatalogItem.supplier_id)
    numbers = (CatalogItem.item_number, CatalogItem.supplier_item_number)
    mine = CatalogItem.organisation_id == target.organisation.id, CatalogItem.item_number.in_(names)
    entries = []
    for row_id, description, supplier_id, *own in target.session.execute(select(*columns, *numbers).where(*mine)):
        for word in index_words(description, supplier_id):
            words[word].added.append(row_id)
        place = {"organisation_id": target.organisation.id, "item_id": row_id}
        entries += [place | {"number": number} for number in sorted(index_numbers(own))]
    if entries:
        target.session.execute(insert(CatalogNumber), entries)
