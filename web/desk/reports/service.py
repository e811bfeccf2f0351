"""Whether exceptions were cleared by when the desk promises it; time spent waiting for others does not count."""

from collections import Counter, defaultdict
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.base import utc_now
from records.exceptions import OPEN_STATES
from records.tables import ExceptionItem, Organisation
from web.desk.reports.figures import Column, Period, Report, hours, share


def service_levels(session: Session, organisation: Organisation, period: Period) -> Report:
    """Return, by owner and reason, how many exceptions of the period were cleared in time, late, or are open late."""
    counted: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    late_by: defaultdict[tuple[str, str], list[timedelta]] = defaultdict(list)
    now = utc_now()
    rows = session.execute(
        select(
            ExceptionItem.owner,
            ExceptionItem.code,
            ExceptionItem.state,
            ExceptionItem.due_by,
            ExceptionItem.resolved_at,
        ).where(
            ExceptionItem.organisation_id == organisation.id,
            ExceptionItem.opened_at >= period.begins,
            ExceptionItem.opened_at < period.ends,
        )
    )
    for owner, code, state, due_by, resolved_at in rows.yield_per(5000):
        key = owner, code
        if state in OPEN_STATES:
            is_late = state != "postponed" and due_by < now
            counted[key]["open_late" if is_late else "open"] += 1
        else:
            late = resolved_at - due_by if resolved_at is not None and resolved_at > due_by else None
            counted[key]["kept" if late is None else "missed"] += 1
            if late is not None:
                late_by[key].append(late)
    return Report(
        name="service-levels",
        title="Service levels",
        question="Do we keep what we promise?",
        columns=(
            Column("owner", "Owner"),
            Column("code", "Reason"),
            Column("kept", "Cleared in time", "count"),
            Column("missed", "Cleared late", "count"),
            Column("share", "In time", "percent"),
            Column("late_by", "Late by, median", "hours"),
            Column("open", "Open in time", "count"),
            Column("open_late", "Open late", "count"),
        ),
        rows=tuple(
            (
                owner,
                code,
                one["kept"],
                one["missed"],
                share(one["kept"], one["kept"] + one["missed"]),
                hours(late_by[owner, code]),
                one["open"],
                one["open_late"],
            )
            for (owner, code), one in sorted(counted.items(), key=lambda pair: (-pair[1].total(), pair[0]))
        ),
        notes=("Promised in working time of the organisation; waiting for a requester or supplier is left out.",),
    )
