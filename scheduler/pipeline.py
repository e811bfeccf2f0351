"""The pipeline: every step in order. Whoever reads this file has seen the system.

A row of ``table`` in ``state`` is given to the step; the answer moves the row on. Steps of one message
make rows of other tables, whose steps follow further down.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from dispatch.outbox import MOVES as OUTBOX_MOVES
from dispatch.outbox import SEND_LEASE
from dispatch.steps.ask import ask
from dispatch.steps.bounce import bounce
from dispatch.steps.change import issue_change
from dispatch.steps.chase import chase
from dispatch.steps.copy import copy_to_sent
from dispatch.steps.deliver import deliver
from dispatch.steps.hand_over import hand_over
from dispatch.steps.issue import issue
from dispatch.steps.relay import try_relay
from dispatch.steps.send import send, settle_uncertain
from dispatch.steps.settle import settle_by_answer
from dispatch.steps.write import write
from dispatch.webhook import MOVES as WEBHOOK_MOVES
from intake.steps.left import fetch_left
from intake.steps.match import match
from intake.steps.poll import poll
from intake.steps.unpack import unpack
from intake.txt_lookup import Lookup, txt_record
from parsers.steps import ReadDocument, read
from procurement import states
from procurement.steps.absence import note_absence
from procurement.steps.answer import answer
from procurement.steps.change import await_approval, prepare
from procurement.steps.change import settle as settle_change
from procurement.steps.check import check
from procurement.steps.file import file
from procurement.steps.invoice import match_invoice
from procurement.steps.order import order
from procurement.steps.receive import book
from procurement.steps.remind import remind
from procurement.steps.route import route
from records.base import Work, utc_now
from records.blobs import Blobs
from records.flow import Moves, Step
from records.tables import (
    Alarm,
    Approval,
    ChangeOrder,
    GoodsReceipt,
    Invoice,
    InvoicePackage,
    Mailbox,
    Message,
    Notice,
    OrderResponse,
    Outbound,
    PurchaseOrder,
    Relay,
    Requisition,
    WebhookDelivery,
)

POLL_LEASE = READ_LEASE = timedelta(minutes=10)

MOVES: dict[type[Work], Moves] = {
    Mailbox: {"active": frozenset({"stopped"}), "stopped": frozenset({"active"})},
    Message: states.MESSAGE,
    Requisition: states.REQUISITION,
    Approval: states.APPROVAL,
    PurchaseOrder: states.ORDER,
    ChangeOrder: states.CHANGE_ORDER,
    OrderResponse: states.ORDER_RESPONSE,
    GoodsReceipt: states.GOODS_RECEIPT,
    Invoice: states.INVOICE,
    InvoicePackage: states.INVOICE_PACKAGE,
    Notice: states.NOTICE,
    Outbound: OUTBOX_MOVES,
    WebhookDelivery: WEBHOOK_MOVES,
    Relay: {"active": frozenset({"stopped"}), "stopped": frozenset({"active"})},
    Alarm: {"raised": frozenset({"over"}), "over": frozenset()},
}


@dataclass(frozen=True)
class World:
    """What steps need of the world outside their rows."""

    blobs: Blobs
    read_document: ReadDocument
    clock: Callable[[], datetime] = utc_now
    lookup: Lookup = txt_record  # DNS, for DKIM
    web_url: str = ""  # where suppliers and approvers find their pages; "": mails link to none
    accounts_payable: Path | None = None  # the folder that takes invoices; None: they are fetched from the desk


def pipeline(world: World) -> tuple[Step, ...]:
    """Return every step, bound to what it needs."""
    blobs, clock = world.blobs, world.clock
    sending = partial(send, blobs=blobs, clock=clock)
    return (
        # mail comes in
        Step(
            "poll", Mailbox, "active", partial(poll, blobs=blobs, clock=clock), timedelta(minutes=10), keeps_trying=True
        ),
        Step("fetch_left", Message, "left_on_server", partial(fetch_left, blobs=blobs, clock=clock), POLL_LEASE),
        Step("unpack", Message, "fetched", partial(unpack, blobs=blobs, lookup=world.lookup, clock=clock)),
        Step("bounce", Message, "bounce", partial(bounce, blobs=blobs, clock=clock)),
        Step("absence", Message, "automatic", partial(note_absence, clock=clock)),
        Step(
            "read",
            Message,
            "unpacked",
            partial(read, blobs=blobs, read_document=world.read_document),
            timedelta(minutes=10),
        ),
        Step("match", Message, "read", partial(match, clock=clock)),
        Step("file", Message, "matched", partial(file, clock=clock)),
        # a request becomes an order
        Step("check", Requisition, "incomplete", partial(check, clock=clock)),
        Step("route", Requisition, "pending_approval", partial(route, clock=clock)),
        Step("remind", Approval, "asked", partial(remind, clock=clock)),
        Step("order", Requisition, "approved", order),
        Step("issue", PurchaseOrder, "approved", partial(issue, blobs=blobs, clock=clock, web_url=world.web_url)),
        Step("chase", PurchaseOrder, "issued", partial(chase, clock=clock)),
        # an issued order changes, or is cancelled
        Step("prepare_change", ChangeOrder, "draft", partial(prepare, clock=clock)),
        Step("await_approval", ChangeOrder, "pending_approval", partial(await_approval, clock=clock)),
        Step(
            "issue_change",
            ChangeOrder,
            "approved",
            partial(issue_change, blobs=blobs, clock=clock, web_url=world.web_url),
        ),
        Step("settle_change", ChangeOrder, "issued", partial(settle_change, clock=clock)),
        # the supplier answers
        Step("answer", OrderResponse, "received", partial(answer, clock=clock)),
        # goods come, and are billed
        Step("book", GoodsReceipt, "received", partial(book, clock=clock)),
        Step("match_invoice", Invoice, "received", partial(match_invoice, clock=clock)),
        Step("match_waiting", Invoice, "waiting_for_receipt", partial(match_invoice, clock=clock)),
        Step(
            "hand_over",
            InvoicePackage,
            "to_hand_over",
            partial(hand_over, blobs=blobs, folder=world.accounts_payable, clock=clock),
            keeps_trying=True,
        ),
        # mail goes out
        Step("ask", Approval, "to_ask", partial(ask, blobs=blobs, clock=clock, web_url=world.web_url)),
        Step("write", Notice, "to_write", partial(write, blobs=blobs, clock=clock, web_url=world.web_url)),
        Step("send", Outbound, "queued", sending, SEND_LEASE, keeps_trying=True),
        Step("send_deferred", Outbound, "deferred", sending, SEND_LEASE, keeps_trying=True),
        Step("send_interrupted", Outbound, "sending", sending, SEND_LEASE, keeps_trying=True),
        Step("try_relay", Relay, "stopped", partial(try_relay, clock=clock), SEND_LEASE, keeps_trying=True),
        Step("settle_uncertain", Outbound, "handing_over", settle_uncertain),
        Step("settle_by_answer", Outbound, "uncertain", partial(settle_by_answer, clock=clock)),
        Step("deliver", WebhookDelivery, "queued", partial(deliver, clock=clock), keeps_trying=True),
        Step("copy_to_sent", Outbound, "sent", partial(copy_to_sent, blobs=blobs, clock=clock)),
    )
