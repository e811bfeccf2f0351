"""The whole story of an order or a request: every mail, decision, change and exception, oldest first."""

import functools
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from string import Formatter
from typing import Any

from sqlalchemy import or_, select, tuple_
from sqlalchemy.orm import Session

from records.base import Base
from records.tables import (
    Approval,
    AuditEntry,
    ChangeOrder,
    Message,
    OrderResponse,
    Outbound,
    PurchaseOrder,
    Requisition,
)

MOST = 1000  # events of one story; what is older than the latest so many is left to the audit chain
Subject = tuple[str, int]


@dataclass(frozen=True)
class Event:
    """Something that happened. ``kind`` is mail_in, mail_out or change; ``subject`` is the row it is about."""

    at: datetime
    kind: str
    actor: str
    what: str
    subject: Subject
    detail: Mapping[str, Any]


def requisition_story(session: Session, requisition: Requisition) -> list[Event]:
    """Return what happened to a request, up to and including its orders."""
    orders = session.scalars(select(PurchaseOrder.id).where(PurchaseOrder.requisition_id == requisition.id)).all()
    return _story(session, requisition.organisation_id, {requisition.id}, set(orders))


def order_story(session: Session, order: PurchaseOrder) -> list[Event]:
    """Return what happened to an order, from the mail that asked for it on."""
    return _story(session, order.organisation_id, {order.requisition_id}, {order.id})


def message_story(session: Session, message: Message) -> list[Event]:
    """Return what the desk did with one mail."""
    subjects = {(Message.__tablename__, message.id)}
    return _in_order([*_received([message]), *_changes(session, message.organisation_id, subjects)])


def _story(session: Session, organisation_id: int, requisitions: set[int], orders: set[int]) -> list[Event]:
    behind = select(ChangeOrder.requisition_id).where(ChangeOrder.order_id.in_(orders))
    requisitions = requisitions | {one for one in session.scalars(behind) if one is not None}
    subjects = {(Requisition.__tablename__, one) for one in requisitions}
    subjects |= {(PurchaseOrder.__tablename__, one) for one in orders}
    subjects |= _ids(session, Approval, Approval.requisition_id, requisitions)
    subjects |= _ids(session, OrderResponse, OrderResponse.order_id, orders)
    subjects |= _ids(session, ChangeOrder, ChangeOrder.order_id, orders)
    mails = _mails(session, organisation_id, requisitions, orders)
    sent = _outbox(session, organisation_id, subjects)
    subjects |= {(Message.__tablename__, mail.id) for mail in mails}
    events = [*_received(mails), *_sent(sent), *_changes(session, organisation_id, subjects)]
    return _in_order(events)


def _ids(session: Session, table: type[Base], column: Any, owners: Iterable[int]) -> set[Subject]:
    found = session.scalars(select(table.id).where(column.in_(owners)))  # type: ignore[attr-defined]
    return {(table.__tablename__, one) for one in found}


def _mails(session: Session, organisation_id: int, requisitions: set[int], orders: set[int]) -> list[Message]:
    asked = select(Requisition.message_id).where(Requisition.id.in_(requisitions))
    about = or_(Message.requisition_id.in_(requisitions), Message.order_id.in_(orders), Message.id.in_(asked))
    found = select(Message).where(Message.organisation_id == organisation_id, about)
    return list(session.scalars(found.order_by(Message.id.desc()).limit(MOST)))


def _outbox(session: Session, organisation_id: int, subjects: Iterable[Subject]) -> list[Outbound]:
    about = tuple_(Outbound.subject_table, Outbound.subject_id).in_(sorted(subjects))
    found = select(Outbound).where(Outbound.organisation_id == organisation_id, about)
    return list(session.scalars(found.order_by(Outbound.id.desc()).limit(MOST)))


def _received(mails: Iterable[Message]) -> Iterator[Event]:
    for mail in mails:
        what = f"Mail: {mail.subject or '(no subject)'}"
        detail = {"message": mail.id, "kind": mail.kind, "authenticated": mail.authenticated}
        yield Event(mail.received_at, "mail_in", mail.sender_address or "?", what, ("message", mail.id), detail)


def _sent(mails: Iterable[Outbound]) -> Iterator[Event]:
    for mail in mails:
        detail = {"outbound": mail.id, "state": mail.state, "kind": mail.kind, "revision": mail.revision}
        what = f"Mail to {mail.recipient}: {mail.subject} ({mail.state.replace('_', ' ')})"
        yield Event(mail.sent_at or mail.created_at, "mail_out", mail.sender, what, ("outbound", mail.id), detail)


def _changes(session: Session, organisation_id: int, subjects: Iterable[Subject]) -> Iterator[Event]:
    about = tuple_(AuditEntry.subject_table, AuditEntry.subject_id).in_(sorted(subjects))
    found = select(AuditEntry).where(AuditEntry.organisation_id == organisation_id, about)
    for entry in session.scalars(found.order_by(AuditEntry.sequence.desc()).limit(MOST)):
        if entry.action != "moved" or entry.subject_table in _words()["moved_is_told_of"]:
            subject = entry.subject_table, entry.subject_id
            yield Event(entry.at, "change", entry.actor, _sentence(entry), subject, entry.detail)


def _in_order(events: Iterable[Event]) -> list[Event]:
    return sorted(events, key=lambda event: event.at)[-MOST:]


@functools.cache
def _words() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def _sentence(entry: AuditEntry) -> str:
    sentence = _words()["sentences"].get(entry.action)
    named = {name for _, name, _, _ in Formatter().parse(sentence or "") if name}
    if sentence is None or not named <= entry.detail.keys():
        told = ", ".join(f"{name} {_shown(value)}" for name, value in entry.detail.items())
        return entry.action.replace("_", " ").capitalize() + (f": {told}" if told else "")
    return str(sentence).format(**{name: _shown(entry.detail[name]) for name in named})


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    words = str(value)
    return words.replace("_", " ") if words.islower() else words  # codes stay as they are
