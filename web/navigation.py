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


MANAGERS = (Role.SUPERVISOR, Role.BUYER, Role.ADMINISTRATOR, Role.AUDITOR)
ENTRIES = (
    Entry("Exceptions", "exceptions", READS_ALL),
    Entry("To decide", "approve", (Role.APPROVER,)),
    Entry("Mails", "list/messages", READS_ALL),
    Entry("Requisitions", "list/requisitions", READS_ALL),
    Entry("Approvals", "list/approvals", READS_ALL),
    Entry("Orders", "list/orders", READS_ALL),
    Entry("Invoices", "invoices", READS_ALL),
    Entry("Suppliers", "list/suppliers", READS_ALL),
    Entry("Catalog", "list/catalog", READS_ALL),
    Entry("People", "list/people", READS_ALL),
    Entry("Policy", "policy", MANAGERS),
    Entry("Previews", "previews", MANAGERS),
    Entry("Reports", "reports", MANAGERS),
    Entry("Lessons", "lessons", (Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR)),
    Entry("Operations", "operations", (Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR)),
)


def entries(member: Membership, path: str) -> tuple[Shown, ...]:
    """Return what ``member`` sees at the head of the page at ``path``."""
    home = f"/o/{member.slug}/"
    return tuple(
        Shown(one.word, home + one.page, path == home + one.page or path.startswith(f"{home}{one.page}/"))
        for one in ENTRIES
        if member.roles & set(one.roles)
    )
