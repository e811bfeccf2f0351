"""Whatever comes, is billed, credited and sent back in whatever order, the sums hold.

``BUYDESK_HISTORIES`` sets how many histories are tried.
"""

import os
import tempfile
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dispatch.steps.hand_over import settle_hand_over
from procurement.steps.billing import billed_by_line, received_by_line
from procurement.steps.drawings import drawn_on
from procurement.steps.invoice import match_invoice
from records.base import utc_now
from records.blobs import Blobs
from records.database import Database
from records.exceptions import hold, open_item
from records.flow import Hold, Outcome, Wait, check_move
from records.tables import (
    AuditEntry,
    Base,
    GoodsReceipt,
    Invoice,
    InvoicePackage,
    Message,
    OrderRevision,
    PurchaseOrder,
)
from scheduler.pipeline import MOVES
from tests.paper_desk import PaperDesk
from web.desk.invoices import accept_invoice, dispute_invoice, reject_invoice, reopen_invoice
from web.desk.receipts import Item, record_receipt
from web.desk.refused import CommandError

HISTORIES = int(os.environ.get("BUYDESK_HISTORIES", "12"))
ORDERED, PRICE = Decimal(10), Decimal("8.00")
QUANTITIES = st.integers(1, 12).map(Decimal)
PRICES = st.sampled_from([PRICE, Decimal("7.50"), Decimal("8.40")])
_TABLE: dict[str, Any] = {}


def desk_with_an_order() -> PaperDesk:
    """Return a desk whose order for gloves is out; made once, copied for each history."""
    if not _TABLE:
        folder = Path(tempfile.mkdtemp())
        database = Database(f"sqlite:///{folder / 'template.db'}")
        Base.metadata.create_all(database.engine)
        desk = PaperDesk(database, Blobs(str(folder / "blobs")))
        desk.order_gloves()
        _TABLE.update(desk=desk)
    return _TABLE["desk"]  # type: ignore[no-any-return]


class Billing(RuleBasedStateMachine):
    """One order; everything happens within a transaction that is rolled back in the end."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = desk_with_an_order()
        self.session = Session(self.desk.database.engine)
        self.order = self.session.scalars(select(PurchaseOrder)).one()
        self.issued = self._frozen()
        self.message = self.session.scalars(select(Message).order_by(Message.id)).first()
        self.count = 0
        self.accepted_over = False
        self.kept_over = False

    def teardown(self) -> None:
        self.session.rollback()
        self.session.close()

    def _frozen(self) -> list[Any]:
        lines = [(one.quantity, one.unit_price, one.unit) for one in self.order.lines]
        kept = self.session.execute(select(OrderRevision.revision, OrderRevision.pdf_sha256, OrderRevision.net_total))
        return [self.order.revision, lines, [tuple(row) for row in kept]]

    @rule(quantity=QUANTITIES, keep=st.booleans())
    def receive(self, quantity: Decimal, keep: bool) -> None:
        """Goods come, sometimes too many."""
        before = self._received()
        try:
            accept = "we need them" if keep else None
            record_receipt(self.session, self.order, [Item(1, quantity)], by="goods-in", accept=accept)
            self.kept_over |= before + quantity > ORDERED
            assert self._received() == before + quantity
            assert keep or before + quantity <= ORDERED
        except CommandError:
            assert self._received() == before
        self._run_waiting()

    @rule(quantity=QUANTITIES)
    def send_back(self, quantity: Decimal) -> None:
        """Goods go back; never more than came."""
        before = self._received()
        try:
            record_receipt(self.session, self.order, [Item(1, -quantity)], by="goods-in", reason="torn")
            assert self._received() == before - quantity
        except CommandError:
            assert quantity > before

    @rule(quantity=QUANTITIES, price=PRICES, again=st.booleans(), credit=st.booleans())
    def bill(self, quantity: Decimal, price: Decimal, again: bool, credit: bool) -> None:
        """A bill or a credit note comes; sometimes one that came before."""
        if not again or self.count == 0:
            self.count += 1
        kind, number = ("credit_note", f"CN-90{self.count}77") if credit else ("invoice", f"INV-90{self.count}33")
        line = {"item_number": "HG-7", "quantity": f"{quantity}", "unit": "box", "unit_price": f"{price}"}
        assert self.message is not None
        invoice = Invoice(
            organisation_id=self.order.organisation_id,
            state="received",
            kind=kind,
            supplier_id=self.order.supplier_id,
            order_id=self.order.id,
            message_id=self._own_message().id,
            original_sha256="0" * 64,
            original_name="x",
            number=number,
            normal_number="".join(filter(str.isalnum, number)),
            net_total=quantity * price,
            gross_total=quantity * price,
            currency="EUR",
            reading={"kind": kind, "lines": [line], "number": number},
        )
        self.session.add(invoice)
        self.session.flush()
        self._step(invoice, match_invoice)

    @precondition(lambda self: self._held())
    @rule(what=st.sampled_from(["accept", "dispute", "reject"]))
    def decide(self, what: str) -> None:
        """A person decides about the oldest invoice that is held."""
        invoice = self._held()[0]
        try:
            if what == "accept":
                accept_invoice(self.session, invoice, self.desk.person("dora"), "agreed")
                self.accepted_over = True
                self._step(invoice, match_invoice)
            else:
                action: Callable[..., None] = dispute_invoice if what == "dispute" else reject_invoice
                action(self.session, invoice, "buyer", "wrong")
        except CommandError:
            assert what == "accept"

    @precondition(lambda self: self._in("disputed"))
    @rule()
    def reopen(self) -> None:
        """A disputed invoice is looked at again."""
        invoice = self._in("disputed")[0]
        reopen_invoice(self.session, invoice, "buyer", "explained")
        self._step(invoice, match_invoice)

    @rule()
    def hand_over(self) -> None:
        """Accounts payable takes what is there."""
        for package in self.session.scalars(select(InvoicePackage).where(InvoicePackage.state == "to_hand_over")):
            check_move(MOVES[InvoicePackage], package.state, "handed_over")
            settle_hand_over(self.session, package, "folder", utc_now())
            package.state = "handed_over"

    @rule()
    def book_again(self) -> None:
        """A step that runs a second time on what it has done changes no sum."""
        before = self._received(), self._billed()
        self._run_waiting()
        assert before[0] == self._received()

    @invariant()
    def nothing_alters_the_issued_order(self) -> None:
        """Receipts and invoices never touch what was ordered."""
        assert self._frozen() == self.issued

    @invariant()
    def quantities_are_conserved(self) -> None:
        """Nothing is received below nothing, or above the order without a person's word; bills likewise."""
        received, billed = self._received(), self._billed()
        assert received >= 0 and billed >= 0
        assert self.kept_over or received <= ORDERED
        assert self.accepted_over or billed <= ORDERED

    @invariant()
    def nothing_is_billed_before_it_came(self) -> None:
        """When an invoice was matched, so much had come, unless a person said otherwise."""
        for package in self.session.scalars(select(InvoicePackage)):
            if package.content["verdict"] == "accepted" or package.content["document"]["kind"] == "credit_note":
                continue
            for line in package.content["lines"]:
                assert Decimal(line["billed_before"]) + Decimal(line["billed_quantity"]) <= Decimal(line["received"])

    @invariant()
    def axes_follow_the_rows(self) -> None:
        """Receipt, billing and state are what the sums make of them."""
        received, billed = self._received(), self._billed()
        steps = {True: "full", False: "partial" if received else "none"}
        assert self.order.receipt == steps[received >= ORDERED]
        assert self.order.billing == ("full" if billed >= ORDERED else "partial" if billed else "none")
        if self.order.state == "closed":
            assert received >= ORDERED and billed >= ORDERED

    @invariant()
    def every_matched_invoice_has_one_package_and_is_handed_over_once(self) -> None:
        """No package twice, none without a match."""
        matched = self.session.scalars(select(Invoice.id).where(Invoice.state == "matched")).all()
        packed = self.session.scalars(select(InvoicePackage.invoice_id)).all()
        assert sorted(matched) == sorted(packed)
        handed = select(AuditEntry.subject_id, func.count()).where(AuditEntry.action == "handed_over")
        assert all(times == 1 for _, times in self.session.execute(handed.group_by(AuditEntry.subject_id)))

    @invariant()
    def the_budget_counts_what_is_billed(self) -> None:
        """Spent is what matched invoices came to; committed what is left."""
        found = select(Invoice).where(Invoice.state == "matched")
        net = sum((line.amount for one in self.session.scalars(found) for line in one.lines), Decimal(0))
        committed, spent = drawn_on(self.session, self.order.organisation_id, "budget", "4711")
        assert abs(spent - net) <= Decimal("0.01")
        assert committed >= 0

    def _received(self) -> Decimal:
        return sum(received_by_line(self.session, self.order.id).values(), Decimal(0))

    def _billed(self) -> Decimal:
        return sum(billed_by_line(self.session, self.order.id).values(), Decimal(0))

    def _in(self, state: str) -> list[Invoice]:
        return list(self.session.scalars(select(Invoice).where(Invoice.state == state).order_by(Invoice.id)))

    def _held(self) -> list[Invoice]:
        return [one for one in self._in("received") if open_item(self.session, one)]

    def _run_waiting(self) -> None:
        for invoice in self._in("waiting_for_receipt"):
            self._step(invoice, match_invoice)

    def _step(self, row: Invoice | GoodsReceipt, step: Callable[..., Outcome]) -> None:
        """Run a step as the runner does: settle its outcome by the table of moves."""
        old = row.state
        outcome = step(self.session, row)
        assert not isinstance(outcome, Wait)
        state = outcome.state or old
        check_move(MOVES[type(row)], old, state)
        row.state = state
        if isinstance(outcome, Hold):
            hold(self.session, row, step.__name__, outcome.problems, outcome.owner)
        self.session.flush()

    def _own_message(self) -> Message:
        """Return a further mail of the supplier."""
        assert self.message is not None
        copied = Message(
            organisation_id=self.message.organisation_id,
            mailbox_id=self.message.mailbox_id,
            raw_sha256="0" * 64,
            size=1,
            received_at=self.message.received_at + timedelta(days=1),
            settled_on_server=True,
            state="filed",
            due_at=None,
        )
        self.session.add(copied)
        self.session.flush()
        return copied


Billing.TestCase.settings = settings(
    max_examples=HISTORIES,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize="BUYDESK_HISTORIES" not in os.environ,
)
TestBilling = Billing.TestCase
