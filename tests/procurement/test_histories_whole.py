"""Whole histories by mail, from the request to the issued order: whatever right and wrong people do, in any order.

No order exists without the approvals that the policy in force at submission demands, each given by the very
person who was asked, for exactly that revision; and nobody signs in two duties, or for his own request.
BUYDESK_HISTORIES is how many histories are tried.
"""

import os
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from parsers.message import Message as Mail
from procurement.approval import token_hash, tokens_in
from records.blobs import Blobs
from records.database import Database
from records.exceptions import hold, open_item
from records.problems import Code, Problem
from records.tables import Approval, ApprovalToken, Base, Organisation, Policy, PurchaseOrder
from tests.journeys.people import POLICY, folder
from tests.paper_desk import BORDER, SERVER_STEPS, PaperDesk
from web.desk.absences import come_back, delegate
from web.desk.refused import CommandError
from web.desk.resolution import correct

HISTORIES = int(os.environ.get("BUYDESK_HISTORIES", "4"))
STRICT = """
version = "2"
valid_from = 2020-01-02

[[rule]]
name = "all"
amount = { from = "0" }
[[rule.step]]
who = ["owner"]
need = "all"
[[rule.step]]
who = ["person:dora@{domain}"]
need = "all"
"""
WHO = ("olga", "dora", "dave", "ada")
ACTIONS = st.one_of(
    st.tuples(st.sampled_from(("approve", "approve", "steal", "forge", "reject", "ask")), st.sampled_from(WHO)),
    st.tuples(st.sampled_from(("boxes", "correct")), st.sampled_from(("3", "10", "200"))),
    st.tuples(st.just("away"), st.sampled_from(("olga dave", "olga ada", "dora dave", "dora olga"))),
    st.tuples(st.sampled_from(("answer", "replay", "strict", "back")), st.just("olga")),
    st.tuples(st.just("days"), st.sampled_from(("1", "3", "40"))),
)


@dataclass
class World:
    """A desk with people who may deputise, and what each of them has truly agreed to."""

    desk: PaperDesk
    agreed: set[tuple[str, str]] = field(default_factory=set)  # address, revision hash
    last: bytes | None = None

    def __post_init__(self) -> None:
        self.load(POLICY)
        self.desk.works_always()
        self.desk.ask_for_gloves()

    def load(self, policy: str) -> None:
        mailbox = {"host": "127.0.0.1", "port": 1, "tls": "none", "username": "north", "password": "env:NONE"}
        box: dict[str, object] = {**mailbox, "address": self.desk.address, "poll_seconds": 600}
        files = folder("north", BORDER, box, {"host": "127.0.0.1", "port": 1, "tls": "none"})
        people = files["people.csv"].decode().replace("olga@north.example,,en", "olga@north.example,900,en")
        people += "dave@north.example,Dave Deputy,approver,dora@north.example,900,en,true\n"
        files |= {"people.csv": people.encode(), "policy.toml": policy.replace("{domain}", "north.example").encode()}
        self.desk.load(files)

    def asked(self, who: str) -> Mail | None:
        return next((mail for mail in reversed(self.desk.outbox(self.desk.person(who))) if "[#" in mail.subject), None)

    def send(self, who: str, to: Mail | None, text: str, *, proven: str = "yes") -> None:
        if to is None:
            return
        sender = self.desk.person(who)
        about = {"In_Reply_To": to.message_id, "References": to.message_id or ""}
        raw = self.desk.mail(sender, f"Re: {to.subject}", text, proven=proven, **about)
        if text.startswith("Approved") and proven == "yes":
            self.last = raw
            with self.desk.rows() as session:
                self.agreed |= {(sender, one) for one in revisions(session, to)}
        self.desk.deliver(raw)

    def act(self, action: str, value: str) -> None:
        match action:
            case "approve":
                self.send(value, self.asked(value), "Approved, thank you.")
            case "forge":
                self.send(value, self.asked(value), "Approved, thank you.", proven="no")
            case "steal":
                other = next((self.asked(one) for one in WHO if one != value and self.asked(one)), None)
                self.send(value, other, "Approved, thank you.")
            case "reject":
                self.send(value, self.asked(value), "Rejected.")
            case "ask":
                self.send(value, self.asked(value), "What is this for?")
            case "answer":
                self.send("ada", self.latest("ada"), "They are for the new bench.")
            case "boxes":
                text = f"Please order {value} boxes of nitrile gloves, size M (G-100), cost centre 4711."
                self.send("ada", self.latest("ada"), text)
            case "replay" if self.last is not None:
                self.desk.deliver(self.last.replace(b"Message-ID: <", b"Message-ID: <again."))
            case "strict":
                self.load(STRICT)
            case "days":
                self.desk.clock.forward(days=int(value))
            case _:
                self.at_the_desk(action, value)

    def at_the_desk(self, action: str, value: str) -> None:
        with self.desk.rows() as session:
            row = self.desk.requisition(session)
            owner = session.get_one(Organisation, self.desk.organisation_id)
            if action == "correct" and row.state in ("incomplete", "pending_approval"):
                doubt = [Problem(Code.LOW_CONFIDENCE, "Is that so?")]
                item = open_item(session, row) or hold(session, row, "route", doubt, "agent")
                correct(session, item, [f"/lines/0/quantity={value}"], "agent")
            elif action == "back":
                come_back(session, owner, self.desk.person(value), "agent")
            elif action == "away":
                person, deputy = (self.desk.person(one) for one in value.split())
                try:
                    delegate(session, owner, person, deputy, (None, date.today() + timedelta(days=20)), "agent")
                except CommandError:  # who requests has no limit and may not sign
                    assert deputy == self.desk.person("ada")

    def latest(self, who: str) -> Mail | None:
        return next(reversed(self.desk.outbox(self.desk.person(who))), None)


def revisions(session: Session, mail: Mail) -> set[str]:
    hashes = [token_hash(token) for token in tokens_in(mail.subject)]
    found = select(Approval.revision_hash).join(ApprovalToken, ApprovalToken.approval_id == Approval.id)
    return set(session.scalars(found.where(ApprovalToken.sha256.in_(hashes))))


def hold_true(world: World) -> bool:
    """Check every order; return whether there is one."""
    person = world.desk.person
    with world.desk.rows() as session:
        for order in session.scalars(select(PurchaseOrder)):
            row = order.requisition
            signed = [
                one
                for one in session.scalars(select(Approval).where(Approval.requisition_id == row.id))
                if one.state == "approved" and one.revision_hash == row.revision_hash
            ]
            version = session.get_one(Policy, row.policy_id).version
            total = row.base_total or 0
            demanded = set() if total < 50 and version == "1" else {person("olga")}
            demanded |= {person("dora")} if total >= 1000 or version == "2" else set()
            assert demanded <= {one.principal_email or one.approver.email for one in signed}
            assert {(one.approver.email, one.revision_hash) for one in signed} <= world.agreed
            assert all(one.approver.email != row.requester.email for one in signed)
            duties = Counter(one.approver.email for one in signed)
            assert not duties or max(duties.values()) == 1
            assert [line.quantity for line in order.lines] == [line.quantity for line in row.lines]
        return bool(world.desk.orders(session))


@pytest.mark.timeout(300 + 30 * HISTORIES)
@settings(max_examples=HISTORIES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(history=st.lists(ACTIONS, min_size=3, max_size=8))
@example(history=[("away", "olga dave"), ("days", "1"), ("approve", "dave")])
@example(
    history=[("correct", "200"), ("away", "dora olga"), ("approve", "olga"), ("replay", "olga"), ("approve", "dora")]
)
@example(history=[("ask", "olga"), ("answer", "olga"), ("steal", "dora"), ("forge", "olga"), ("approve", "olga")])
@example(history=[("approve", "ada"), ("boxes", "200"), ("strict", "olga"), ("replay", "olga"), ("approve", "olga")])
def test_whatever_happens_every_order_was_agreed_to_by_those_who_had_to(history: list[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as place:
        database = Database(f"sqlite:///{Path(place) / 'buydesk.db'}")
        Base.metadata.create_all(database.engine)
        world = World(PaperDesk(database, Blobs(str(Path(place) / "blobs"))))
        for action, value in history:
            world.act(action, value)
            world.desk.work(skip=SERVER_STEPS | {"chase"})
            if hold_true(world):
                break
        database.close()
