"""The mail with everything that waits for one approver: each request whole, each with its own token."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.facts import request_values
from dispatch.steps.ask import new_token
from records.tables import Approval, Notice, Organisation


def digest_values(session: Session, notice: Notice, now: datetime) -> dict[str, Any]:
    """Return what the mail tells of the approvals of ``notice`` that still wait; each gets a new token."""
    found = select(Approval).where(
        Approval.organisation_id == notice.organisation_id,
        Approval.id.in_(notice.details["approvals"]),
        Approval.state.in_(["asked", "question"]),
    )
    waiting = session.scalars(found.order_by(Approval.id)).all()
    requests = [request_values(session, one, new_token(session, one, now)) for one in waiting]
    return {
        "organisation": session.get_one(Organisation, notice.organisation_id).name,
        "person": waiting[0].approver.name,
        "requests": requests,
        "count": len(requests),
        "about": ", ".join(one.requisition.number for one in waiting[:3]) + (" …" if len(waiting) > 3 else ""),
    }
