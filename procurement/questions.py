"""What the requester can tell when a request lacks something: every question, for one mail.

What only the desk can settle (a blocked supplier, a budget that is spent) is never asked.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from procurement.known import KnownItem
from procurement.stated import Stated
from records.problems import Code, Problem

MOST_CHOICES = 5
_WHOLE = {
    (Code.CODING_MISSING, "/cost_center"): "cost_center",
    (Code.AMBIGUOUS_DATE, "/needed_by"): "date",
    (Code.LOW_CONFIDENCE, "/lines"): "lines",
    (Code.UNREADABLE, ""): "unreadable",
    (Code.ENCRYPTED, ""): "encrypted",
}
_OF_LINE = {
    (Code.AMBIGUOUS_NUMBER, "quantity"): "quantity",
    (Code.AMBIGUOUS_DATE, "needed_by"): "date",
    (Code.UNKNOWN_ITEM, "item_number"): "item",
    (Code.UNIT_MISMATCH, "unit"): "unit",
}
# What follows from something that is asked already: without a cost centre no budget can be known.
_FOLLOWS = {Code.BUDGET_UNKNOWN: "cost_center", Code.UNKNOWN_SUPPLIER: "item", Code.PRICE_MISMATCH: "item"}


@dataclass(frozen=True)
class Question:
    """One missing fact: ``ask`` names the sentence of the mail, ``at`` the place of the reading that it fills.

    ``line`` counts from 1, ``wanted`` is what that line says, ``choices`` are items that it may mean.
    """

    ask: str
    at: str
    line: int | None = None
    wanted: str = ""
    choices: tuple[tuple[str, str], ...] = ()  # item number, description

    def as_dict(self) -> dict[str, Any]:
        """Return the question as JSON-ready values."""
        return asdict(self) | {"choices": [list(choice) for choice in self.choices]}


def questions(
    said: Stated, problems: Iterable[Problem], candidates: Iterable[Iterable[KnownItem]]
) -> tuple[tuple[Question, ...], bool]:
    """Return what to ask the requester, and whether the answers would settle every one of ``problems``.

    ``candidates`` are, line by line, the items that it may mean. A day is asked for along with the rest where
    none was stated, never by itself.
    """
    problems, near = tuple(problems), [tuple(some) for some in candidates]
    asked: dict[str, Question] = {}
    rest: list[Problem] = []
    for problem in problems:
        question = _question(said, problem, near)
        if question:
            asked.setdefault(question.at, question)
        else:
            rest.append(problem)
    whole = all(_follows(problem, asked) for problem in rest)
    if asked and said.lines and "/needed_by" not in asked and not _has_day(said):
        asked["/needed_by"] = Question("needed_by", "/needed_by")
    return tuple(asked.values()), whole


def _question(said: Stated, problem: Problem, near: list[tuple[KnownItem, ...]]) -> Question | None:
    if ask := _WHOLE.get((problem.code, problem.at)):
        return Question(ask, problem.at)
    parts = problem.at.split("/")
    if parts[1:2] != ["lines"] or len(parts) != 4:
        return None
    place = next((i for i, line in enumerate(said.lines) if line.index == int(parts[2])), None)
    ask = _OF_LINE.get((problem.code, parts[3]))
    if ask is None or place is None:
        return None
    line = said.lines[place]
    choices = (
        tuple((item.item_number, item.description) for item in near[place][:MOST_CHOICES]) if ask == "item" else ()
    )
    return Question(ask, problem.at, line.index + 1, line.description or line.item_number or "", choices)


def _follows(problem: Problem, asked: dict[str, Question]) -> bool:
    ask = _FOLLOWS.get(problem.code)
    same = problem.at.rpartition("/")[0]
    return any(one.ask == ask and (one.line is None or at.rpartition("/")[0] == same) for at, one in asked.items())


def _has_day(said: Stated) -> bool:
    return bool(said.needed_by) or any(line.needed_by for line in said.lines)
