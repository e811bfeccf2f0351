"""What the demo promises to show, and whether it came true."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buydesk.accounting import accounts
from records.audit import faults
from records.exceptions import OPEN_STATES
from records.tables import ExceptionItem, Message, Organisation, Outbound, PurchaseOrder, Requisition

ANSWERED = {"NORD": "changed", "HALD": "accepted", "KOLB": "accepted", "MERI": "changed"}
ORDERED = {*ANSWERED, "TRIN", "OSTE"}
# Exceptions that stay open to be looked at, as (about, code).
OPEN = Counter(
    [
        ("message", "SENDER_NOT_AUTHENTICATED"),  # the forged approval
        ("message", "UNKNOWN_SENDER"),
        ("message", "UNREADABLE"),
        ("order_response", "RESPONSE_OUT_OF_TOLERANCE"),
        ("outbound", "BOUNCED"),
        ("requisition", "UNKNOWN_ITEM"),
    ]
)


@dataclass(frozen=True)
class Promise:
    """One thing that the demo shows; ``found`` says what is there instead where it is not ``kept``."""

    what: str
    kept: bool
    found: str = ""


def promises(session: Session) -> Iterator[Promise]:
    """Yield each promise and whether the rows keep it."""
    orders = {order.supplier.code: order for order in session.scalars(select(PurchaseOrder))}
    issued = {code for code, order in orders.items() if order.state == "issued"}
    yield Promise(f"{len(ORDERED)} orders are issued", issued == ORDERED, ", ".join(sorted(issued)) or "none")
    for code, wanted in ANSWERED.items():
        found = orders[code].acknowledgement if code in orders else "there is no order"
        yield Promise(f"the order to {code} is answered: {wanted}", found == wanted, found)
    waiting = orders["TRIN"].acknowledgement if "TRIN" in orders else "there is no order"
    yield Promise("a price beyond tolerance is not accepted by itself", waiting == "awaiting", waiting)
    yield from _requisitions(session)
    yield from _mail(session)
    opened = Counter(
        (item.subject_table, problem["code"])
        for item in session.scalars(select(ExceptionItem).where(ExceptionItem.state.in_(OPEN_STATES)))
        for problem in item.problems
    )
    yield Promise("exactly the expected exceptions are open", opened == OPEN, _difference(opened))
    boxes = accounts(session)
    left = sum(box.unaccounted for box in boxes)
    yield Promise("every accepted mail is accounted for", bool(boxes) and left == 0, f"{left} unaccounted")
    broken = [fault for owner in session.scalars(select(Organisation.id)) for fault in faults(session, owner)]
    yield Promise("the audit chain holds", not broken, "; ".join(broken))


def _requisitions(session: Session) -> Iterator[Promise]:
    states = Counter(session.scalars(select(Requisition.state)))
    wanted = {"ordered": len(ORDERED), "pending_approval": 1, "rejected": 1, "incomplete": 1}
    told = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in wanted.items())
    yield Promise(f"requisitions: {told}", states == wanted, str(dict(states)))


def _mail(session: Session) -> Iterator[Promise]:
    duplicates = session.scalar(select(func.count()).where(Message.state == "duplicate"))
    yield Promise("the mail that came twice counts once", duplicates == 1, f"{duplicates} duplicates")
    automatic = session.scalar(select(func.count()).where(Message.state == "automatic"))
    yield Promise("newsletter, absence note and bounce are put aside", automatic == 3, f"{automatic} put aside")
    unsent = Counter(session.scalars(select(Outbound.state).where(Outbound.state != "sent")))
    yield Promise("all mail went out, and one came back", unsent == {"bounced": 1}, str(dict(unsent)))


def _difference(opened: "Counter[tuple[str, str]]") -> str:
    missing, extra = OPEN - opened, opened - OPEN
    told = [f"missing: {code} of a {about}" for about, code in missing]
    return "; ".join([*told, *(f"not expected: {code} of a {about}" for about, code in extra)])
