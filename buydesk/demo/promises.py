"""What the demo promises to show, and whether it came true."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from records.audit import faults
from records.base import Work
from records.exceptions import OPEN_STATES
from records.tables import (
    Approval,
    ExceptionItem,
    Mailbox,
    Message,
    Notice,
    OrderResponse,
    Organisation,
    Outbound,
    PurchaseOrder,
    Requisition,
)
from web.desk.accounting import accounts

ANSWERED = {"NORD": "changed", "HALD": "accepted", "KOLB": "accepted", "MERI": "changed"}
ORDERED = {*ANSWERED, "TRIN", "OSTE"}


@dataclass(frozen=True)
class Open:
    """An exception that stays open to be looked at: a row of ``tables`` with one of ``codes``."""

    what: str
    tables: frozenset[str]
    codes: frozenset[str]

    def fits(self, item: ExceptionItem) -> bool:
        """Return whether ``item`` is this exception."""
        return item.subject_table in self.tables and bool(self.codes & {problem["code"] for problem in item.problems})


def _open(what: str, tables: str, codes: str) -> Open:
    return Open(what, frozenset(tables.split()), frozenset(codes.split()))


OPEN = (
    _open("a forged approval", "message", "SENDER_NOT_AUTHENTICATED"),
    _open("a stranger's request", "message", "UNKNOWN_SENDER"),
    _open("an item that nobody knows", "requisition", "UNKNOWN_ITEM"),
    _open("a form that cannot be read", "message requisition", "UNREADABLE LOW_CONFIDENCE"),
    _open("a price beyond tolerance", "order_response", "RESPONSE_OUT_OF_TOLERANCE"),
    _open("an order that came back", "outbound", "BOUNCED"),
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
    yield from _exceptions(session)
    failed = [f"{row.__tablename__} {row.id}: {row.last_error}" for row in _failed(session)]
    yield Promise("no step failed", not failed, "; ".join(failed))
    boxes = accounts(session)
    left = sum(box.unaccounted for box in boxes)
    yield Promise("every accepted mail is accounted for", bool(boxes) and left == 0, f"{left} unaccounted")
    broken = [fault for owner in session.scalars(select(Organisation.id)) for fault in faults(session, owner)]
    yield Promise("the audit chain holds", not broken, "; ".join(broken))


def _failed(session: Session) -> Iterator[Work]:
    for table in (Mailbox, Message, Requisition, Approval, PurchaseOrder, OrderResponse, Notice, Outbound):
        yield from session.scalars(select(table).where(table.last_error.is_not(None)))


def _exceptions(session: Session) -> Iterator[Promise]:
    items = list(session.scalars(select(ExceptionItem).where(ExceptionItem.state.in_(OPEN_STATES))))
    for one in OPEN:
        found = next((item for item in items if one.fits(item)), None)
        yield Promise(f"{one.what} waits for a person", found is not None)
        items = [item for item in items if item is not found]
    extra = [f"{item.subject_table} {item.subject_id}: {item.problems[0]['detail']}" for item in items]
    yield Promise("nothing else waits for a person", not extra, "; ".join(extra))


def _requisitions(session: Session) -> Iterator[Promise]:
    states = Counter(session.scalars(select(Requisition.state)))
    wanted = {"ordered": len(ORDERED), "pending_approval": 1, "rejected": 1}
    for state, count in wanted.items():
        found = states[state]
        yield Promise(f"requisitions {state.replace('_', ' ')}: {count}", found == count, str(found))


def _mail(session: Session) -> Iterator[Promise]:
    duplicates = session.scalar(select(func.count()).where(Message.state == "duplicate"))
    yield Promise("the mail that came twice counts once", duplicates == 1, f"{duplicates} duplicates")
    automatic = session.scalar(select(func.count()).where(Message.state == "automatic"))
    yield Promise("newsletter, absence note and bounce are put aside", automatic == 3, f"{automatic} put aside")
    unsent = Counter(session.scalars(select(Outbound.state).where(Outbound.state != "sent")))
    yield Promise("all mail went out, and one came back", unsent == {"bounced": 1}, str(dict(unsent)))
