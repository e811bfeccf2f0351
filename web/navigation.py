"""What stands at the head of every page of an organisation; one entry for each area."""

from dataclasses import dataclass

from web.access import READS_ALL, Membership, Role


@dataclass(frozen=True)
class Entry:
    """A word at the head, the page beneath ``/o/ORGANISATION/`` it leads to, and who sees it."""

    word: str
    page: str
    roles: tuple[Role, ...]


@dataclass(frozen=True)
class Shown:
    """An entry as a visitor sees it."""

    word: str
    path: str
    is_here: bool


ENTRIES = (Entry("Exceptions", "exceptions", READS_ALL),)


def entries(member: Membership, path: str) -> tuple[Shown, ...]:
    """Return what ``member`` sees at the head of the page at ``path``."""
    home = f"/o/{member.slug}/"
    return tuple(
        Shown(one.word, home + one.page, path == home + one.page or path.startswith(f"{home}{one.page}/"))
        for one in ENTRIES
        if member.roles & set(one.roles)
    )
