"""The step ``check``: a requisition is checked against master data and submitted, or held with all problems."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from procurement import requisition as rules
from procurement.aliases import with_items, with_units
from procurement.drawing import entries
from procurement.known import Facts
from procurement.stated import Stated, stated
from procurement.steps.aliases import aliases_of
from procurement.steps.drawings import draw, settle_drawings
from procurement.steps.facts import facts_for, policy_in_force
from procurement.steps.question import ask_requester
from records.audit import record
from records.base import utc_now
from records.exceptions import not_waived
from records.flow import Done, Hold, Outcome
from records.lessons import count_use
from records.tables import Organisation, Policy, Requisition, RequisitionLine

PATIENCE = timedelta(days=2)  # how long a requester has to answer before an agent looks


def check(session: Session, requisition: Requisition, *, clock: Callable[[], datetime] = utc_now) -> Outcome:
    """Fill the requisition's lines and totals; move it to ``pending_approval`` once no problem is left."""
    now = clock()
    # Locked: two requisitions that are checked at once must not both find the budget free.
    organisation = session.get_one(Organisation, requisition.organisation_id, with_for_update=True)
    said = stated(requisition.reading, requisition.corrections)
    settle_drawings(session, organisation.id)
    policy = policy_in_force(session, organisation.id, now.astimezone(ZoneInfo(organisation.time_zone)).date())
    requisition.content_hash = rules.content_hash(said)
    said, facts = _in_our_words(session, organisation, requisition, said, policy, now)
    checked = rules.check(said, facts)
    _write(session, requisition, said, checked)
    if barring := not_waived(session, requisition, checked.problems):
        asked = ask_requester(session, requisition, said, barring, facts, now)
        return Hold(barring, until=now + PATIENCE if asked else None)
    if not checked.lines or len(checked.lines) != len(said.lines) or checked.base_total is None:
        return Hold(checked.problems)  # waived, but there is nothing that could be ordered
    requisition.submitted_at = now
    requisition.policy_id = policy.id if policy else None
    coding = requisition.cost_center, requisition.account
    draw(session, requisition, entries(checked.lines, checked.base_total, *coding, facts.today))
    record(
        session,
        requisition,
        "submitted",
        "step:check",
        total=str(checked.net_total),
        currency=checked.currency,
    )
    return Done("pending_approval")


def _in_our_words(
    session: Session,
    organisation: Organisation,
    requisition: Requisition,
    said: Stated,
    policy: Policy | None,
    now: datetime,
) -> tuple[Stated, Facts]:
    """Return what was said with the sender's names for items and units replaced, and what is known of it."""
    aliases = aliases_of(session, requisition.message_id)
    items = with_items(said, aliases, requisition.corrections)
    facts = facts_for(session, organisation, requisition, items.said, policy, now)
    numbers = [line.item.item_number if line.item else None for line in facts.lines]
    units = with_units(items.said, numbers, aliases, requisition.corrections)
    signals = [*items.told, *units.told]
    if signals != requisition.signals:
        requisition.signals = signals
        count_use(session, (*items.lessons, *units.lessons), utc_now())
    return units.said, facts


def _write(session: Session, requisition: Requisition, said: Stated, checked: rules.Checked) -> None:
    requisition.needed_by, requisition.ship_to = said.needed_by, said.ship_to
    requisition.cost_center, requisition.account = said.cost_center, said.account_code
    requisition.project, requisition.justification = said.project, said.justification
    requisition.currency, requisition.net_total = checked.currency, checked.net_total
    requisition.base_total, requisition.maverick_total = checked.base_total, checked.maverick_total
    base_total = None if checked.base_total is None else str(checked.base_total)
    coding = {"cost_center": said.cost_center, "account": said.account_code, "ship_to": said.ship_to}
    coding |= {"project": said.project, "justification": said.justification, "base_total": base_total}
    requisition.revision_hash = rules.revision_hash(requisition.number, checked.lines, coding)
    requisition.lines.clear()
    session.flush()
    requisition.lines = [
        RequisitionLine(organisation_id=requisition.organisation_id, **asdict(line)) for line in checked.lines
    ]
