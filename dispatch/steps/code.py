"""The mail with a one-time code: made when it is written, so that nobody but the approver ever sees it."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from procurement.approval_code import DIGITS, LIFE, keep
from records.tables import Approval, Notice, Organisation


def code_values(session: Session, notice: Notice, approval: Approval, now: datetime) -> dict[str, Any]:
    """Return what the mail tells, with a new code; the notice keeps the code's hash."""
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    notice.details = {**notice.details, "code": keep(code, secrets.token_hex(16), now).as_dict()}
    return {
        "organisation": session.get_one(Organisation, approval.organisation_id).name,
        "person": approval.approver.name,
        "number": approval.requisition.number,
        "code": code,
        "minutes": int(LIFE.total_seconds()) // 60,
    }
