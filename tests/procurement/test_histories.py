"""Whatever happens in whatever order, no order is written without the approvals that the policy demands."""

import tempfile
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from records.blobs import Blobs
from records.database import Database
from records.exceptions import hold, open_item
from records.problems import Code, Problem
from records.tables import Approval, Base, CostCenter, Requisition
from tests.paper_desk import SERVER_STEPS, PaperDesk
from web.desk.resolution import correct, record_decision

ACTIONS = (
    "olga approved",
    "dora approved",
    "olga rejected",
    "boxes 1",
    "boxes 10",
    "boxes 200",
    "owner olga",
    "owner dora",
    "days 3",
    "look",
)


def act(desk: PaperDesk, session: Session, action: str) -> None:
    what, _, value = action.partition(" ")
    row = desk.requisition(session)
    if what == "boxes" and row.state in ("incomplete", "pending_approval"):
        doubt = [Problem(Code.LOW_CONFIDENCE, "Is that so?")]
        item = open_item(session, row) or hold(session, row, "route", doubt, "agent")
        correct(session, item, [f"/lines/0/quantity={value}"], "agent")
    elif what == "owner":
        session.scalars(select(CostCenter)).one().owner_email = desk.person(value)
    elif what == "days":
        desk.clock.forward(days=int(value))
    elif what == "look" and row.state == "pending_approval":
        row.due_at = desk.clock.now
    elif value in ("approved", "rejected"):
        _decide(desk, session, row, what, value)


def _decide(desk: PaperDesk, session: Session, row: Requisition, who: str, decision: str) -> None:
    found = select(Approval).where(Approval.requisition_id == row.id, Approval.state == "asked")
    for approval in session.scalars(found).all():
        current = row.state == "pending_approval" and approval.revision_hash == row.revision_hash
        if current and approval.approver.email == desk.person(who):
            record_decision(session, approval.id, decision, desk.person(who), "agent", "on paper")
            return


def demanded(desk: PaperDesk, session: Session, total: Decimal) -> set[str]:
    """Return who must have approved, as the folder's policy says in words (tests.journeys.people)."""
    if total < 50:
        return set()
    owner = session.scalars(select(CostCenter)).one().owner_email
    return {owner} if total < 1000 else {owner, desk.person("dora")}


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(history=st.lists(st.sampled_from(ACTIONS), min_size=3, max_size=10))
def test_no_order_is_written_without_the_approvals_of_exactly_its_revision(history: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'buydesk.db'}")
        Base.metadata.create_all(database.engine)
        desk = PaperDesk(database, Blobs(str(Path(folder) / "blobs")))
        desk.ask_for_gloves(10)
        for action in history:
            with desk.rows() as session:
                act(desk, session, action)
            desk.work(skip=SERVER_STEPS | {"issue", "chase"})
            with desk.rows() as session:
                if orders := desk.orders(session):
                    row = desk.requisition(session)
                    signed = {
                        one.approver.email
                        for one in session.scalars(select(Approval).where(Approval.state == "approved"))
                        if one.revision_hash == row.revision_hash
                    }
                    assert demanded(desk, session, row.base_total or Decimal(0)) <= signed, history
                    assert [line.quantity for line in orders[0].lines] == [line.quantity for line in row.lines]
                    break
        database.close()
