"""The step contract: a step takes one row in one state and answers with a small closed set of outcomes.

A step is a function of (session, row) that returns ``Done``, ``Wait`` or ``Hold``. A step with slow or
outward work is a generator: what it yields is committed at once (``Keep`` keeps the state, ``Done`` moves
it) while the lease is held, so that no transaction is open across the network or a long computation and
whatever must be durable before the next act is durable. Steps never commit: the runner does.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from records.base import Work
from records.problems import Problem


@dataclass(frozen=True)
class Done:
    """The row moves to ``state``; its next step is due ``at`` that time (None: at once).

    A step that ends in the state that it began in is through with the row: without ``at`` nothing is
    due until somebody sets it.
    """

    state: str
    at: datetime | None = None


@dataclass(frozen=True)
class Wait:
    """Not yet: the same step runs again at ``until``; waiting costs no try."""

    until: datetime


@dataclass(frozen=True)
class Hold:
    """A person decides: an exception item opens with all ``problems``, owned by ``owner``.

    ``state`` is where the row waits; None: where it is, so that its release runs the same step again.
    ``until``: somebody else was asked and has until then to answer; only after that a person is needed.
    """

    problems: tuple[Problem, ...]
    owner: str = "agent"
    state: str | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Keep:
    """Yielded by a step: commit what was done so far, hold the lease, keep the state."""


Outcome = Done | Wait | Hold
Progress = Generator[Done | Keep, None, Outcome]
StepFunction = Callable[[Session, Any], Outcome | Progress]


@dataclass(frozen=True)
class Step:
    """One step of the pipeline: rows of ``table`` in ``state`` are given to ``run``.

    ``lease`` is how long a worker may be silent (no yield) before another takes over. A step that
    ``keeps_trying`` is tried on after it gave up: the exception tells an operator and closes by itself.
    """

    name: str
    table: type[Work]
    state: str
    run: StepFunction
    lease: timedelta = timedelta(minutes=3)
    keeps_trying: bool = False


class IllegalMoveError(ValueError):
    """Raised when a row is told to make a move that its table of moves does not allow."""


Moves = dict[str, frozenset[str]]


def check_move(moves: Moves, old: str, new: str) -> None:
    """Raise IllegalMoveError unless ``moves`` allow ``old`` to become ``new``; staying is allowed."""
    if old != new and new not in moves.get(old, frozenset()):
        raise IllegalMoveError(f"{old} may not become {new}")
