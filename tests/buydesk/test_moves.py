"""The tables of moves in docs/developers.md are those of the code.

``python -m tests.buydesk.test_moves`` writes them anew.
"""

import re
from pathlib import Path

from records.flow import Moves
from scheduler.pipeline import MOVES

DOCUMENT = Path(__file__).parents[2] / "docs" / "developers.md"
BEGIN, END = "<!-- moves -->", "<!-- end of moves -->"


def tables() -> str:
    """Return a Markdown table for each kind of row that moves."""
    named = ((table.__tablename__.replace("_", " "), moves) for table, moves in MOVES.items())
    return "\n\n".join(_table(name, moves) for name, moves in named)


def _table(name: str, moves: Moves) -> str:
    head = f"| {name} | may become |\n| --- | --- |\n"
    rows = [f"| {state} | {', '.join(sorted(reached)) or 'nothing else'} |" for state, reached in moves.items()]
    return head + "\n".join(rows)


def written() -> tuple[str, str, str]:
    """Return the document before, between and after its marks."""
    before, _, rest = DOCUMENT.read_text("utf-8").partition(BEGIN)
    between, _, after = rest.partition(END)
    return before, between.strip(), after


def renew() -> None:
    """Put the tables of the code into the document."""
    before, _, after = written()
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{tables()}\n\n{END}{after}", "utf-8")


def test_the_document_shows_the_moves_of_the_code() -> None:
    assert written()[1] == tables(), "renew the document: python -m tests.buydesk.test_moves"


def test_every_state_that_is_reached_is_spelled_as_a_state() -> None:
    for table, moves in MOVES.items():
        for state in set(moves).union(*moves.values()):
            assert re.fullmatch(r"[a-z]+(?:_[a-z]+)*", state), (table, state)


if __name__ == "__main__":
    renew()
