"""Lists of any length, a page at a time: what follows is found by key through an index, never by counting."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from web.desk.refused import CommandError

SIZE, MOST = 50, 500
_LONGEST_KEY = 80


@dataclass(frozen=True)
class Asked:
    """What of a list is wanted: a search, a state, the cursor of the page before, and how many rows."""

    search: str = ""
    state: str | None = None
    after: str | None = None
    size: int = SIZE


@dataclass(frozen=True)
class Page:
    """The rows of a page, and the cursor of the next one (None: this was the last)."""

    rows: tuple[Mapping[str, Any], ...]
    after: str | None


def newest_first(
    session: Session, query: Select[*tuple[Any, ...]], key: InstrumentedAttribute[int], asked: Asked
) -> Page:
    """Return the asked page of ``query``, whose rows hold ``id``, the newest first."""
    if asked.after is not None:
        if not asked.after.isascii() or not asked.after.isdigit() or len(asked.after) > 18:
            raise CommandError("The cursor of a page is the one that the page before gave.")
        query = query.where(key < int(asked.after))
    return _page(session.execute(query.order_by(key.desc()).limit(_size(asked) + 1)).mappings().all(), "id", asked)


def by_name(session: Session, query: Select[*tuple[Any, ...]], key: InstrumentedAttribute[str], asked: Asked) -> Page:
    """Return the asked page of ``query``, whose rows hold the column ``key``, in its order."""
    if asked.after is not None:
        query = query.where(key > asked.after)
    return _page(session.execute(query.order_by(key).limit(_size(asked) + 1)).mappings().all(), key.key, asked)


def begins_with(column: Any, text: str) -> ColumnElement[bool]:
    """Return that a column begins with ``text``, told so that an index on the column serves every database."""
    last = text + "z" * max(1, _LONGEST_KEY - len(text))
    return and_(column >= text, column <= last, column.startswith(text, autoescape=True))


def in_state(column: Any, state: str | None, known: Iterable[str]) -> ColumnElement[bool]:
    """Return that a row is in ``state``; anything where it is None."""
    if state is None:
        return true()
    if state not in (states := sorted(set(known))):
        raise CommandError(f"There is no state {state}; there are {', '.join(states)}.")
    return column == state  # type: ignore[no-any-return]


def _size(asked: Asked) -> int:
    return max(1, min(asked.size, MOST))


def _page(rows: Sequence[Mapping[Any, Any]], key: str, asked: Asked) -> Page:
    size = _size(asked)
    shown = tuple({str(name): value for name, value in row.items()} for row in rows[:size])
    return Page(shown, str(shown[-1][key]) if len(rows) > size else None)
