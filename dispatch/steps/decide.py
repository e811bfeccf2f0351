"""What people and later mail decide about a mail that was sent, or may have been."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.outbox import MOVES, SUPERSEDABLE
from records import exceptions
from records.audit import record
from records.base import Owned, utc_now
from records.flow import check_move
from records.problems import Code, Problem
from records.tables import Outbound


def confirm_delivered(session: Session, outbound: Outbound, by: str) -> None:
    """Settle an uncertain mail as sent: ``by`` knows that it arrived."""
    now = utc_now()
    _move(session, outbound, "sent", by, due_at=now)
    outbound.sent_at = now
    _close(session, outbound, by, "it arrived")


def send_again(session: Session, outbound: Outbound, by: str) -> None:
    """Queue an uncertain, failed or bounced mail once more: the same bytes, the same Message-ID."""
    _move(session, outbound, "queued", by, due_at=utc_now())
    outbound.tries = outbound.attempts = 0
    _close(session, outbound, by, "sent again")


def mark_bounced(session: Session, outbound: Outbound, detail: str, by: str) -> bool:
    """Note that a mail came back, and tell an operator; ``detail`` is a sentence that says why.

    Returns False and changes nothing where the mail is not out: a bounce of it is then no news.
    """
    if "bounced" not in MOVES[outbound.state]:
        return False
    _move(session, outbound, "bounced", by, due_at=None)
    _close(session, outbound, by, "it came back")
    exceptions.hold(session, outbound, "bounce", [Problem(Code.BOUNCED, detail)], "operator")
    return True


def supersede(session: Session, subject: Owned, revision: int, by: str) -> int:
    """Take back what is not sent yet about revisions of ``subject`` before ``revision``; return how many.

    A worker that is about to hand one over loses its lease, and with it the right to send the dot.
    """
    older = session.scalars(
        select(Outbound)
        .where(
            Outbound.subject_table == subject.__tablename__,
            Outbound.subject_id == subject.id,
            Outbound.revision < revision,
            Outbound.state.in_(SUPERSEDABLE),
        )
        .order_by(Outbound.id)
        .with_for_update()
    ).all()
    for outbound in older:
        _move(session, outbound, "superseded", by, due_at=None)
        outbound.lease_token = outbound.lease_until = None
        _close(session, outbound, by, f"revision {revision} took its place")
    return len(older)


def _move(session: Session, outbound: Outbound, state: str, by: str, due_at: datetime | None) -> None:
    session.refresh(outbound, with_for_update=True)
    check_move(MOVES, outbound.state, state)
    record(session, outbound, "moved", by, old=outbound.state, new=state)
    outbound.state, outbound.due_at = state, due_at


def _close(session: Session, outbound: Outbound, by: str, resolution: str) -> None:
    if item := exceptions.open_item(session, outbound):
        exceptions.resolve(session, item, by, resolution)
