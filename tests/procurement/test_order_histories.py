"""Whatever happens to an order in whatever order: only approved changes alter it, and all its books agree.

``BUYDESK_HISTORIES`` sets how many histories are tried.
"""

import os
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.steps.billing import received_by_line
from procurement.steps.drawings import drawn_on, settle_drawings
from records.audit import faults
from records.blobs import Blobs
from records.database import Database
from records.flow import check_move
from records.tables import (
    Approval,
    AuditEntry,
    Base,
    ChangeOrder,
    OrderRevision,
    Outbound,
    PurchaseOrder,
    Requisition,
)
from scheduler.pipeline import MOVES
from tests.paper_desk import PaperDesk
from web.desk import changes
from web.desk.receipts import Item, record_receipt
from web.desk.refused import CommandError
from web.desk.resolution import record_decision

BUYER = {"by": "buyer", "reason": "so it is wanted"}
GONE_OUT = ("issued", "accepted", "refused", "superseded")
TABLES = {table.__tablename__: moves for table, moves in MOVES.items()}


def change(desk: PaperDesk, session: Session, order: PurchaseOrder, boxes: str) -> None:
    changes.change_order(session, order, changes.wish(1, quantity=Decimal(boxes)), **BUYER)


def withdraw(desk: PaperDesk, session: Session, order: PurchaseOrder, _: str) -> None:
    newest = session.scalars(select(ChangeOrder.id).order_by(ChangeOrder.id.desc()).limit(1)).first()
    changes.withdraw_change(session, order, newest or 0, **BUYER)


def decide(desk: PaperDesk, session: Session, order: PurchaseOrder, decision: str) -> None:
    for one in session.scalars(select(Approval).where(Approval.state == "asked")).all():
        record_decision(session, one.id, decision, one.approver.email, "agent", "on paper")
        return


def answer(desk: PaperDesk, session: Session, order: PurchaseOrder, words: str) -> None:
    mail = desk.outbox(desk.glover)[-1]
    about = {"In_Reply_To": mail.message_id, "References": mail.message_id}
    session.commit()
    desk.deliver(desk.mail(desk.glover, f"Re: {mail.subject}", words, **about))


def stale(desk: PaperDesk, session: Session, order: PurchaseOrder, words: str) -> None:
    mail = desk.outbox(desk.glover)[0]
    about = {"In_Reply_To": mail.message_id, "References": mail.message_id}
    session.commit()
    desk.deliver(desk.mail(desk.glover, f"Re: {mail.subject}", words, **about))


def receive(desk: PaperDesk, session: Session, order: PurchaseOrder, boxes: str) -> None:
    record_receipt(session, order, [Item(1, Decimal(boxes))], by="dock")


def wait(desk: PaperDesk, session: Session, order: PurchaseOrder, days: str) -> None:
    desk.clock.forward(days=int(days))


Act = Callable[[PaperDesk, Session, PurchaseOrder, str], object]
# What may happen; further kinds of documents join here.
ACTS: dict[str, tuple[Act, str]] = {
    "fewer": (change, "8"),
    "more": (change, "12"),
    "many": (change, "200"),
    "few": (change, "3"),
    "withdraw": (withdraw, ""),
    "approve": (decide, "approved"),
    "reject": (decide, "rejected"),
    "confirm": (answer, "We confirm your order as written."),
    "confirm the first": (stale, "We confirm your order as written."),
    "decline": (answer, "We cannot deliver this order."),
    "cancel": (lambda _, session, order, __: changes.cancel_order(session, order, **BUYER), ""),
    "force": (lambda _, session, order, __: changes.force_cancellation(session, order, **BUYER), ""),
    "agree to cancel": (answer, "We confirm the cancellation."),
    "too late": (answer, "Sorry, we cannot cancel any more."),
    "hold": (lambda _, session, order, __: changes.hold_order(session, order, **BUYER), ""),
    "release": (lambda _, session, order, __: changes.release_order(session, order, **BUYER), ""),
    "close short": (lambda _, session, order, __: changes.close_short(session, order, [], **BUYER), ""),
    "reopen": (lambda _, session, order, __: changes.reopen(session, order, [], **BUYER), ""),
    "receive": (receive, "2"),
    "days": (wait, "3"),
}


def happen(desk: PaperDesk, action: str) -> None:
    """Let ``action`` happen, or be refused with a sentence, and do what is due."""
    act, value = ACTS[action]
    try:
        with desk.rows() as session:
            act(desk, session, desk.orders(session)[0], value)
    except CommandError:
        pass
    desk.work()


def check(desk: PaperDesk, session: Session) -> None:
    """Assert everything that must hold of the one order at any moment."""
    (order,) = desk.orders(session)
    revisions = session.scalars(select(OrderRevision).order_by(OrderRevision.revision)).all()
    frozen = revisions[-1].document
    assert [one.revision for one in revisions] == list(range(1, order.revision + 1))
    assert [
        (line["line_number"], Decimal(line["quantity"]), Decimal(line["unit_price"])) for line in frozen["lines"]
    ] == [(line.line_number, line.quantity, line.unit_price) for line in order.lines]
    assert revisions[-1].net_total == sum(line.quantity * line.unit_price for line in order.lines)
    out = session.scalars(
        select(ChangeOrder)
        .where(ChangeOrder.kind == "change", ChangeOrder.state.in_(GONE_OUT))
        .order_by(ChangeOrder.id)
    ).all()
    assert [one.revision for one in out] == list(range(2, order.revision + 1))
    for one in out:
        assert is_signed(desk, session, order, one)
    check_mail(session, order)
    check_quantities(session, order)
    check_budget(desk, session, order)


def is_signed(desk: PaperDesk, session: Session, order: PurchaseOrder, change: ChangeOrder) -> bool:
    """Return whether whom the folder's policy names (tests.journeys.people) signed for that value or more."""
    request = change.requisition
    assert request is not None and request.base_total is not None
    needed = demanded(desk, request.base_total)
    before = select(Requisition).where(Requisition.id <= request.id)
    return any(
        needed <= signers(session, one)
        for one in session.scalars(before)
        if one.base_total is not None and (one.id == request.id or request.base_total <= one.base_total)
    )


def demanded(desk: PaperDesk, total: Decimal) -> set[str]:
    if total < 50:
        return set()
    return {desk.person("olga")} if total < 1000 else {desk.person("olga"), desk.person("dora")}


def signers(session: Session, request: Requisition) -> set[str]:
    found = select(Approval).where(
        Approval.requisition_id == request.id,
        Approval.revision_hash == request.revision_hash,
        Approval.state == "approved",
    )
    return {one.approver.email for one in session.scalars(found)}


def check_mail(session: Session, order: PurchaseOrder) -> None:
    mails = session.scalars(select(Outbound.revision).where(Outbound.kind == "order")).all()
    assert sorted(mails) == list(range(1, order.revision + 1))


def check_quantities(session: Session, order: PurchaseOrder) -> None:
    came = received_by_line(session, order.id)
    for line in order.lines:
        assert line.quantity > 0
        assert order.state != "cancelled" or not came.get(line.id)


def check_budget(desk: PaperDesk, session: Session, order: PurchaseOrder) -> None:
    """The order's value is drawn, once; of a change that waits the difference too."""
    settle_drawings(session, desk.organisation_id)
    drawn = sum(drawn_on(session, desk.organisation_id, "budget", "4711"))
    waiting = session.scalars(
        select(ChangeOrder).where(ChangeOrder.state.in_(["pending_approval", "approved"]), ChangeOrder.kind == "change")
    ).first()
    request = waiting.requisition if waiting else None
    now = sum(line.quantity * line.unit_price for line in order.lines)
    expected = request.base_total if request else now
    assert drawn == (0 if order.state == "cancelled" else expected)


def check_moves(session: Session) -> None:
    """Assert that every move that the audit chain tells is one of the tables."""
    for entry in session.scalars(select(AuditEntry).where(AuditEntry.action == "moved")):
        check_move(TABLES[entry.subject_table], entry.detail["old"], entry.detail["new"])


@settings(
    max_examples=int(os.environ.get("BUYDESK_HISTORIES", "5")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize="BUYDESK_HISTORIES" not in os.environ,
    print_blob=True,
)
@given(history=st.lists(st.sampled_from(sorted(ACTS)), min_size=4, max_size=10))
def test_only_approved_changes_alter_an_order_and_all_its_books_agree(history: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'buydesk.db'}")
        Base.metadata.create_all(database.engine)
        desk = PaperDesk(database, Blobs(str(Path(folder) / "blobs")))
        desk.order_gloves()
        for action in history:
            happen(desk, action)
            with desk.rows() as session:
                check(desk, session)
        with desk.rows() as session:
            check_moves(session)
            assert list(faults(session, desk.organisation_id)) == []
        database.close()
