import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from parsers.message import Message as Mail
from parsers.own_words_lines import body_leaves, plain_body
from procurement.approval_code import MOST_CODES, MOST_TRIES
from records.blobs import Blobs
from records.database import Database
from records.tables import Approval, AuditEntry, Notice, Organisation, Person, Requisition
from tests.paper_desk import PaperDesk, fingerprint
from web.desk import approvals
from web.desk.refused import CommandError


@pytest.fixture
def desk(sqlite_database: Database, blobs: Blobs) -> PaperDesk:
    desk = PaperDesk(sqlite_database, blobs)
    desk.ask_for_gloves()
    return desk


def person(desk: PaperDesk, session: Session, name: str) -> Person:
    return session.scalars(select(Person).where(Person.email == desk.person(name))).one()


def token_of(desk: PaperDesk) -> str:
    subject = desk.outbox(desk.person("olga"))[-1].subject
    return subject[subject.index("[#") :]


def said(mail: Mail) -> str:
    return "\n".join(line.text for line in plain_body(body_leaves(mail)[0]))


def the_approval(session: Session) -> Approval:
    return session.scalars(select(Approval)).one()


def mailed_code(desk: PaperDesk, token: str) -> str:
    with desk.rows() as session:
        approvals.request_code(session, token, desk.clock.now)
    desk.work()
    mail = desk.outbox(desk.person("olga"))[-1]
    code = re.search(r"^(\d{6})$", said(mail), re.MULTILINE)
    assert code is not None
    return code.group(1)


def by_code(
    desk: PaperDesk, token: str, code: str, decision: str = "approved", reason: str | None = None
) -> str | None:
    with desk.rows() as session:
        revision = the_approval(session).revision_hash
        return approvals.decide_by_code(session, token, code, decision, reason, revision, desk.clock.now)


def state(desk: PaperDesk) -> str:
    with desk.rows() as session:
        return the_approval(session).state


def test_what_waits_is_listed_for_its_approver_only(desk: PaperDesk) -> None:
    with desk.rows() as session:
        (one,) = approvals.pending(session, person(desk, session, "olga"))
        assert one.number == desk.requisition(session).number
        assert approvals.pending(session, person(desk, session, "dora")) == []


def test_to_look_changes_nothing(desk: PaperDesk) -> None:
    token, before = token_of(desk), fingerprint(desk.database)
    with desk.rows() as session:
        approval = the_approval(session)
        seen = approvals.view(session, approval.id, person(desk, session, "olga"), desk.clock.now)
        assert seen == approvals.view_by_token(session, token, desk.clock.now)
        assert seen.barred is None
        assert seen.values["lines"]
        assert "token" not in seen.values
    assert fingerprint(desk.database) == before


def test_a_decision_with_a_login_counts_and_the_requisition_goes_on(desk: PaperDesk) -> None:
    with desk.rows() as session:
        approval = the_approval(session)
        olga = person(desk, session, "olga")
        approvals.decide(session, approval.id, olga, "approved", None, approval.revision_hash, desk.clock.now)
    desk.work()
    with desk.rows() as session:
        assert desk.requisition(session).state == "ordered"
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "approved")).one()
        assert entry.detail["proof"] == "login"


def test_a_login_decides_above_the_limit_for_emails_and_a_code_does_not(desk: PaperDesk) -> None:
    token = token_of(desk)
    code = mailed_code(desk, token)
    with desk.rows() as session:
        session.execute(update(Organisation).values(email_approval_limit=1))
    with pytest.raises(CommandError, match="without a login"):
        by_code(desk, token, code)
    with desk.rows() as session:
        approval = the_approval(session)
        olga = person(desk, session, "olga")
        assert not approvals.view(session, approval.id, olga, desk.clock.now).by_email
        approvals.decide(session, approval.id, olga, "approved", None, approval.revision_hash, desk.clock.now)
    assert state(desk) == "approved"


def test_nobody_else_sees_or_decides_it(desk: PaperDesk) -> None:
    with desk.rows() as session:
        approval, dora = the_approval(session), person(desk, session, "dora")
        with pytest.raises(CommandError, match="no approval"):
            approvals.view(session, approval.id, dora, desk.clock.now)
        with pytest.raises(CommandError, match="no approval"):
            approvals.decide(session, approval.id, dora, "approved", None, approval.revision_hash, desk.clock.now)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (update(Requisition).values(revision_hash="0" * 64), "changed"),
        (update(Requisition).values(state="withdrawn"), "withdrawn"),
        (update(Approval).values(state="void"), "changed"),
        (update(Approval).values(state="rejected"), "decided before"),
        (update(Requisition).values(requester_id=select(Approval.approver_id).scalar_subquery()), "not for you"),
    ],
)
def test_what_is_no_longer_his_to_decide_is_refused(desk: PaperDesk, change, said: str) -> None:  # type: ignore[no-untyped-def]
    with desk.rows() as session:
        session.execute(change)
    with desk.rows() as session:
        approval, olga = the_approval(session), person(desk, session, "olga")
        with pytest.raises(CommandError, match=said):
            approvals.decide(session, approval.id, olga, "approved", None, approval.revision_hash, desk.clock.now)


def test_an_older_revision_on_the_page_is_refused(desk: PaperDesk) -> None:
    with desk.rows() as session:
        approval, olga = the_approval(session), person(desk, session, "olga")
        with pytest.raises(CommandError, match="since you opened"):
            approvals.decide(session, approval.id, olga, "approved", None, "0" * 64, desk.clock.now)


def test_a_refusal_or_question_says_why(desk: PaperDesk) -> None:
    with desk.rows() as session:
        approval, olga = the_approval(session), person(desk, session, "olga")
        with pytest.raises(CommandError, match="Say why"):
            approvals.decide(session, approval.id, olga, "rejected", " ", approval.revision_hash, desk.clock.now)
        approvals.decide(session, approval.id, olga, "question", "Why ten?", approval.revision_hash, desk.clock.now)
    desk.work()
    assert "Why ten?" in said(desk.outbox(desk.person("ada"))[-1])


def test_a_mailed_code_decides_once_and_is_kept_nowhere(desk: PaperDesk) -> None:
    token = token_of(desk)
    code = mailed_code(desk, token)
    with desk.rows() as session:
        assert code not in str([one.details for one in session.scalars(select(Notice))])
    assert by_code(desk, token, f" {code[:3]} {code[3:]}") is None
    assert state(desk) == "approved"
    with pytest.raises(CommandError, match="link"):
        by_code(desk, token, code)


def test_a_code_bears_few_tries(desk: PaperDesk) -> None:
    token = token_of(desk)
    code = mailed_code(desk, token)
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(MOST_TRIES):
        assert by_code(desk, token, wrong) == "The code is wrong."
    assert "no code" in (by_code(desk, token, code) or "")
    assert state(desk) == "asked"


def test_a_code_lives_for_minutes_and_only_the_latest_counts(desk: PaperDesk) -> None:
    token = token_of(desk)
    first = mailed_code(desk, token)
    second = mailed_code(desk, token)
    if first != second:
        assert by_code(desk, token, first) == "The code is wrong."
    desk.clock.forward(minutes=15)
    assert "no code" in (by_code(desk, token, second) or "")
    assert state(desk) == "asked"


def test_few_codes_are_mailed_in_an_hour(desk: PaperDesk) -> None:
    token = token_of(desk)
    for _ in range(MOST_CODES):
        mailed_code(desk, token)
    with desk.rows() as session, pytest.raises(CommandError, match="within an hour"):
        approvals.request_code(session, token, desk.clock.now + timedelta(minutes=1))


@pytest.mark.parametrize("token", ["", "[#ABCDEFGHIJKLMNOPQRSTUVWXYZ]"])
def test_an_invented_link_shows_nothing(desk: PaperDesk, token: str) -> None:
    with desk.rows() as session, pytest.raises(CommandError, match="link"):
        approvals.view_by_token(session, token, desk.clock.now)


def test_a_digest_shows_each_request_whole_and_its_answer_decides_them(desk: PaperDesk) -> None:
    with desk.rows() as session:
        assert approvals.send_digest(session, person(desk, session, "olga"), desk.clock.now) == 1
        with pytest.raises(CommandError, match="Nothing waits"):
            approvals.send_digest(session, person(desk, session, "dora"), desk.clock.now)
    desk.work()
    digest = desk.outbox(desk.person("olga"))[-1]
    assert "Nitrile gloves" in said(digest)
    assert "[#" not in digest.subject
    quoted = "\n".join(f"> {line}" for line in said(digest).split("\n"))
    text = f"All approved, thanks.\n\nOn Mon, 9 Nov 2026 at 10:00, Desk <{desk.address}> wrote:\n{quoted}\n"
    desk.reply(desk.person("olga"), digest, text)
    assert state(desk) == "approved"
