"""Time and accuracy of matching lines to catalogs of 1,000, 50,000 and (--sizes) 1,000,000 items, and of loading.

Prints ms of CPU a line, beside the bare cost of scoring all items exhaustively in the same run, and how often
the one item taken was right, wrong, or left to a person; with --thresholds for a grid of both constants.
"""

import argparse
import dataclasses
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rapidfuzz import fuzz, process
from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.catalog_samples import Line, catalog, lines
from procurement import catalog as rules
from procurement.folder_data import CatalogData
from procurement.steps.catalog import match_line, rank
from procurement.steps.load_catalog import load_catalog
from procurement.steps.load_rows import Target
from records.base import utc_now
from records.database import Database
from records.tables import Base, CatalogItem, Organisation, Supplier

MATCHED_LINES = 500
EXHAUSTIVE_LINES = 20


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[1000, 50_000], help="of the catalogs, the first one is the measure"
    )
    parser.add_argument("--thresholds", action="store_true")
    options = parser.parse_args()
    spent: list[float] = []
    for size in options.sizes:
        items = catalog(size)
        with tempfile.TemporaryDirectory() as folder:
            database = Database(f"sqlite:///{Path(folder) / 'bench.db'}")
            Base.metadata.create_all(database.engine)
            organisation_id = _load(database, items)
            with database.session() as session:
                spent.append(_measure(session, organisation_id, items, options.thresholds))
            database.close()
    print("cost a line beside the first catalog: " + ", ".join(f"{one / spent[0]:.2f}" for one in spent))


def _load(database: Database, items: list[CatalogData]) -> int:
    with database.session() as session:
        organisation = Organisation(slug="bench", name="Bench", email="a@bench.example", currency="EUR")
        session.add(organisation)
        session.flush()
        for code in sorted({item.supplier for item in items}):
            session.add(Supplier(organisation_id=organisation.id, code=code, name=code, order_email="", currency="EUR"))
        session.flush()
        target = Target(session, organisation, "bench", utc_now().date())
        start = time.process_time()
        load_catalog(target, items)
        print(f"{len(items)} items: loaded in {time.process_time() - start:.1f} s of CPU", end=", ")
        start = time.process_time()
        load_catalog(target, items)
        print(f"again in {time.process_time() - start:.1f} s", end=", ")
        start = time.process_time()
        load_catalog(target, [dataclasses.replace(item, description=item.description + " neu") for item in items])
        print(f"all renamed in {time.process_time() - start:.1f} s", end=", ")
        load_catalog(target, items)
        return organisation.id


def _measure(session: Session, organisation_id: int, items: list[CatalogData], thresholds: bool) -> float:
    asked = list(lines(items, MATCHED_LINES))
    start = time.process_time()
    taken = [_taken(session, organisation_id, line) for line in asked]
    spent = (time.process_time() - start) / len(asked) * 1000
    bare = _exhaustive(items, asked[:EXHAUSTIVE_LINES])
    print(f"{spent:.2f} ms a line ({bare / spent:.0f} times faster than exhaustive, {bare:.0f} ms)")
    print("  ", _told(asked, taken))
    found = sum(line.item_number in _shown(session, organisation_id, line) for line in asked if line.item_number)
    print(f"   meant item taken or shown: {found} of {sum(1 for line in asked if line.item_number)}")
    if thresholds:
        _grid(asked, [rank(session, organisation_id, line.text) for line in asked], dict(_numbers(session)))
    return spent


def _grid(asked: list[Line], ranked: list[tuple[rules.Scored, ...]], numbers: dict[int, str]) -> None:
    """Print what other values of both constants would have done (by words alone)."""
    for good in (60, 68, 76, 80, 84, 88, 92):
        for margin in (1, 3, 6, 10):
            winners = [rules.clear_winner(scored, float(good), float(margin)) for scored in ranked]
            told = _told(asked, [numbers[winner.id] if winner else None for winner in winners])
            print(f"   good {good}, margin {margin}: {told}")


def _numbers(session: Session) -> Iterator[tuple[int, str]]:
    for row in session.execute(select(CatalogItem.id, CatalogItem.item_number)):
        yield row.id, row.item_number


def _taken(session: Session, organisation_id: int, line: Line) -> str | None:
    item = match_line(session, organisation_id, line.text, None).item
    return item.item_number if item else None


def _shown(session: Session, organisation_id: int, line: Line) -> set[str]:
    match = match_line(session, organisation_id, line.text, None)
    return {item.item_number for item in (*match.candidates, *([match.item] if match.item else []))}


def _exhaustive(items: list[CatalogData], asked: list[Line]) -> float:
    choices = [item.description.casefold() for item in items]
    start = time.process_time()
    for line in asked:
        process.extractOne(line.text.casefold(), choices, scorer=fuzz.token_sort_ratio)
    return (time.process_time() - start) / len(asked) * 1000


def _told(asked: list[Line], taken: list[str | None]) -> str:
    counts: Counter[str] = Counter()
    for line, number in zip(asked, taken, strict=True):
        if number is None:
            counts["rightly left" if line.item_number is None else "left"] += 1
        else:
            counts["right" if number == line.item_number else "wrong"] += 1
    return ", ".join(f"{name} {counts[name]}" for name in ("right", "wrong", "left", "rightly left"))


if __name__ == "__main__":
    main()
