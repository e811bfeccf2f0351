"""How the pages of a document are read: on which day, and with what was learned before."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from parsers.hints import Lessons
from parsers.page import Page
from parsers.reading import Reading


class ReadPages(Protocol):
    """Turns the pages that a format's reader made into a Reading."""

    def __call__(self, pages: Sequence[Page], exact: bool = True) -> Reading:
        """Return what ``pages`` say; ``exact`` is False for text recognised from pictures."""
        ...


@dataclass(frozen=True)
class PageReader:
    """Reads pages on the day ``today`` (of relative dates), with lessons by the fingerprint of their layout."""

    today: date | None = None
    lessons: Lessons = field(default_factory=dict)

    def __call__(self, pages: Sequence[Page], exact: bool = True) -> Reading:
        """Return what ``pages`` say."""
        from parsers.assemble import read_pages

        return read_pages(pages, self.today, exact, self.lessons)
