"""Write the index of the catalog's words: for each word, which items came and which are gone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from records.postings import block_of, pack, unpack
from records.tables import CatalogWord

CHUNK = 200  # words that are read and written together


@dataclass
class Change:
    """The ids of items that hold a word no more, and of those that hold it from now on."""

    gone: list[int] = field(default_factory=list)
    added: list[int] = field(default_factory=list)


def write_words(session: Session, organisation_id: int, words: Mapping[str, Change]) -> None:
    """Take the changes up into the index; what is gone and added is added."""
    names = sorted(words)
    for start in range(0, len(names), CHUNK):
        _write_some(session, organisation_id, {name: words[name] for name in names[start : start + CHUNK]})


def _write_some(session: Session, organisation_id: int, words: Mapping[str, Change]) -> None:
    touched = {(word, block) for word, change in words.items() for block in _blocks(change)}
    mine = CatalogWord.organisation_id == organisation_id, CatalogWord.word.in_(list(words))
    standing = session.execute(select(CatalogWord.word, CatalogWord.block, CatalogWord.places).where(*mine))
    sets = {(row.word, row.block): unpack(row.places) for row in standing if (row.word, row.block) in touched}
    before = {key: set(places) for key, places in sets.items()}
    for word, change in words.items():
        for block, place in map(block_of, change.gone):
            sets.get((word, block), set()).discard(place)
        for block, place in map(block_of, change.added):
            sets.setdefault((word, block), set()).add(place)
    _replace(session, organisation_id, {key: places for key, places in sets.items() if before.get(key) != places})


def _replace(session: Session, organisation_id: int, sets: Mapping[tuple[str, int], set[int]]) -> None:
    for block, words in _by_block(list(sets)):
        session.execute(
            delete(CatalogWord).where(
                CatalogWord.organisation_id == organisation_id, CatalogWord.block == block, CatalogWord.word.in_(words)
            )
        )
    rows = [
        {"organisation_id": organisation_id, "word": word, "block": block, "items": len(places), "places": pack(places)}
        for (word, block), places in sets.items()
        if places
    ]
    if rows:
        session.execute(insert(CatalogWord), rows)


def _by_block(keys: Sequence[tuple[str, int]]) -> Iterator[tuple[int, list[str]]]:
    for block in sorted({block for _, block in keys}):
        yield block, [word for word, of in keys if of == block]


def _blocks(change: Change) -> set[int]:
    return {block_of(row_id)[0] for row_id in (*change.gone, *change.added)}
