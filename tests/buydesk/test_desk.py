"""Approvals, the outbox and the audit chain at the command line."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from records.audit import record
from records.tables import Approval, AuditEntry, Organisation, Outbound, Requisition
from tests.buydesk.terminal import Ran, Terminal
from tests.journeys.world import Desk

pytestmark = pytest.mark.dovecot
REQUEST = "Please order 10 boxes of nitrile gloves, size M, cost centre 4711."


def decide(terminal: Terminal, desk: Desk, decision: str = "approved", local: str = "olga", why: str = "signed") -> Ran:
    return terminal("approvals", "decide", 1, decision, "--approver", desk.person(local), "--why", why)


def ask(desk: Desk) -> None:
    desk.write(desk.person("ada"), "Gloves", REQUEST)
    desk.work()


def test_an_approval_is_listed_until_it_is_decided(terminal: Terminal, desk: Desk) -> None:
    ask(desk)
    (row,) = terminal("approvals", "list", "--json").json
    expected = {"id": 1, "requisition": "R-00001", "amount": "80.00", "approver": desk.person("olga"), "state": "asked"}
    assert {name: row[name] for name in expected} == expected
    assert "R-00001" in terminal("approvals", "list").out
    assert decide(terminal, desk).code == 0
    assert terminal("approvals", "list", "--json").json == []
    assert "none" in terminal("approvals", "list").out


def test_a_decision_on_paper_counts_and_says_who_recorded_it(terminal: Terminal, desk: Desk) -> None:
    ask(desk)
    assert decide(terminal, desk, why="signed form 12").out == "Approval 1: approved.\n"
    desk.work()
    assert len(desk.inbox(desk.glover)) == 1
    with desk.rows() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "decision_recorded")).one()
        assert (entry.actor, entry.detail) == ("operator:tessa", {"why": "signed form 12", "decision": "approved"})


def test_a_refusal_on_paper_ends_the_request(terminal: Terminal, desk: Desk) -> None:
    ask(desk)
    assert decide(terminal, desk, "rejected").code == 0
    desk.work()
    with desk.rows() as session:
        assert desk.requisition(session).state == "rejected"
    assert desk.inbox(desk.glover) == []


def test_only_the_approver_who_was_asked_may_decide_and_only_once(terminal: Terminal, desk: Desk) -> None:
    ask(desk)
    with desk.rows() as session:
        entries = len(session.scalars(select(AuditEntry)).all())
    asked = f"Approval 1 was asked of {desk.person('olga')}: nobody else can decide it."
    for other in ("dora", "ada"):
        assert decide(terminal, desk, local=other).sentence == asked
    assert decide(terminal, desk, "maybe").sentence == "A decision is approved or rejected."
    assert "how the decision reached you" in decide(terminal, desk, why=" ").sentence
    assert terminal("approvals", "decide", 2, "approved", "--approver", "x@y", "--why", "x").sentence == (
        "There is no approval 2."
    )
    with desk.rows() as session:
        assert len(session.scalars(select(AuditEntry)).all()) == entries
        assert session.scalars(select(Approval)).one().state == "asked"
    assert decide(terminal, desk).code == 0
    assert decide(terminal, desk, "rejected").sentence == "Approval 1 is approved."
    desk.work()
    assert decide(terminal, desk, "rejected").sentence == "R-00001 is ordered: there is nothing to decide."


def test_nobody_decides_about_a_request_that_changed_meanwhile(terminal: Terminal, desk: Desk) -> None:
    ask(desk)
    with desk.rows() as session:
        session.execute(update(Requisition).values(revision_hash="0" * 64))
    assert "there is nothing to decide" in decide(terminal, desk).sentence


def uncertain(desk: Desk, state: str = "uncertain") -> int:
    """Put the first mail that went out into ``state``, and return its number."""
    with desk.rows() as session:
        row = session.scalars(select(Outbound).order_by(Outbound.id)).first()
        assert row is not None
        row.state, row.due_at = state, None
        return row.id


def test_a_mail_that_is_not_sent_is_listed(terminal: Terminal, desk: Desk) -> None:
    ask(desk)
    assert terminal("outbox", "list", "--json").json == []
    assert "nothing waits" in terminal("outbox", "list").out
    number = uncertain(desk)
    (row,) = terminal("outbox", "list", "--json").json
    assert (row["id"], row["state"]) == (number, "uncertain")
    assert "uncertain" in terminal("outbox", "list").out


def test_an_uncertain_mail_that_arrived_is_settled_by_whoever_knows(terminal: Terminal, desk: Desk) -> None:
    ask(desk)
    number = uncertain(desk)
    assert terminal("outbox", "settle", number).code == 2, "one of the two must be said"
    assert terminal("outbox", "settle", number, "--arrived").out == f"Mail {number}: it arrived.\n"
    with desk.rows() as session:
        assert session.get_one(Outbound, number).state == "sent"
        moves = select(AuditEntry).where(AuditEntry.actor == "operator:tessa", AuditEntry.action == "moved")
        assert session.scalars(moves).one().detail == {"old": "uncertain", "new": "sent"}


def test_an_uncertain_mail_is_sent_again_byte_for_byte(terminal: Terminal, desk: Desk) -> None:
    ask(desk)
    number = uncertain(desk)
    with desk.rows() as session:
        recipient = session.get_one(Outbound, number).recipient
    before = desk.inbox(recipient)
    assert terminal("outbox", "settle", number, "--send-again").code == 0
    desk.work()
    after = desk.inbox(recipient)
    assert len(after) == len(before) + 1
    assert after[-1].message_id in {mail.message_id for mail in before}


def test_what_was_sent_is_neither_sent_again_nor_settled(terminal: Terminal, desk: Desk) -> None:
    ask(desk)
    number = uncertain(desk, "queued")
    assert terminal("outbox", "settle", number, "--arrived").sentence == (
        f"Mail {number} is queued: it cannot be noted as arrived."
    )
    uncertain(desk, "sent")
    assert terminal("outbox", "settle", number, "--send-again").sentence == (
        f"Mail {number} is sent: it cannot be sent again."
    )
    assert terminal("outbox", "settle", 99, "--arrived").sentence == "There is no mail 99 in the outbox."


def test_the_audit_chain_holds_until_somebody_touches_it(terminal: Terminal, desk: Desk) -> None:
    ask(desk)
    held = terminal("audit", "verify")
    assert (held.code, held.out) == (0, f"{desk.slug}: the audit chain holds.\n")
    with desk.rows() as session:
        session.execute(update(AuditEntry).where(AuditEntry.sequence == 3).values(actor="nobody"))
    broken = terminal("audit", "verify")
    assert (broken.code, broken.out) == (
        1,
        f"  entry 3 was changed after it was written\n{desk.slug}: the audit chain is broken.\n",
    )


def test_an_entry_that_is_gone_breaks_the_chain(terminal: Terminal, desk: Desk, home: Path) -> None:
    with desk.rows() as session:
        owner = session.scalars(select(Organisation)).one()
        for number in range(3):
            record(session, owner, "noted", "tessa", number=number)
        session.delete(session.get_one(AuditEntry, (owner.id, 2)))
    ran = terminal("audit", "verify")
    assert (ran.code, "entry 2 is missing" in ran.out) == (1, True)
