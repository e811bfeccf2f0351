"""The step ``ask``: an approver gets the whole request by mail, with a token that only they have."""

import secrets
from base64 import b32encode
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from dispatch.facts import asked_values
from dispatch.steps.mail import Letter, send_letter
from procurement.approval import token_hash
from records.base import utc_now
from records.blobs import Blobs
from records.flow import Done, Outcome
from records.tables import Approval, ApprovalToken, Organisation

TOKEN_DAYS = 30
LOOK_AGAIN = timedelta(days=1)  # the step remind knows when the organisation works


def ask(
    session: Session,
    approval: Approval,
    *,
    blobs: Blobs,
    clock: Callable[[], datetime] = utc_now,
    web_url: str = "",
) -> Outcome:
    """Queue the request for ``approval`` and start its reminders; a request that is void is not sent."""
    now = clock()
    requisition = approval.requisition
    if requisition.state != "pending_approval" or requisition.revision_hash != approval.revision_hash:
        return Done("void")
    before = approval.asked_at.isoformat() if approval.asked_at else ""  # void meanwhile, and wanted again
    approval.asked_at = now
    token = new_token(session, approval, now)
    organisation = session.get_one(Organisation, approval.organisation_id)
    letter = Letter(
        kind="approval_request",
        recipient=approval.approver.email,
        language=approval.approver.language or organisation.language,
        values=asked_values(session, approval, token) | {"page": page_of(web_url, token)},
        token=token,
        occasion=before,
        sees_absences=True,
    )
    send_letter(session, approval, letter, blobs=blobs, now=now)
    return Done("asked", at=now + LOOK_AGAIN)


def page_of(web_url: str, token: str) -> str | None:
    """Return where an approver may decide on a page; None where there is no web."""
    return f"{web_url}/a/{token}" if web_url else None


def new_token(session: Session, approval: Approval, now: datetime) -> str:
    """Return a new token for ``approval``; only its hash is kept."""
    token = b32encode(secrets.token_bytes(20)).decode()[:26]
    session.add(
        ApprovalToken(
            organisation_id=approval.organisation_id,
            approval_id=approval.id,
            sha256=token_hash(token),
            expires_at=now + timedelta(days=TOKEN_DAYS),
        )
    )
    return token
