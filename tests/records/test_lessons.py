from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from records.audit import faults
from records.base import utc_now
from records.database import Database
from records.lessons import LAYOUT_KINDS, count_use, forget, keep, lessons_of, sentence
from records.tables import AuditEntry, Lesson, Mailbox, Message, Organisation
from tests.rows import add_organisation

SENDER = "jan@gloves.example"


def message(session: Session, organisation: Organisation, sender: str = SENDER, authenticated: bool = True) -> Message:
    box = Mailbox(organisation_id=organisation.id, state="active", name=sender)
    session.add(box)
    session.flush()
    row = Message(
        organisation_id=organisation.id,
        mailbox_id=box.id,
        raw_sha256="0" * 64,
        size=1,
        received_at=utc_now(),
        state="unpacked",
        sender_address=sender,
        authenticated=authenticated,
    )
    session.add(row)
    session.flush()
    return row


def lesson(organisation: Organisation, **values: Any) -> Lesson:
    plain = {"sender": SENDER, "layout": "a" * 16, "kind": "column", "key": "zahl", "value": "quantity"}
    return Lesson(organisation_id=organisation.id, shown="Zahl", learned_by="tessa", **(plain | values))


def test_lessons_are_found_for_the_proven_sender_and_nobody_else(
    database: Database, organisation: Organisation
) -> None:
    other = add_organisation(database, "southwind")
    with database.session() as session:
        whole = keep(session, lesson(organisation, sender="@gloves.example"))
        own = keep(session, lesson(organisation, value="ordered"))
        keep(session, lesson(organisation, sender="eve@gloves.example"))
        keep(session, lesson(organisation, sender="@evil.example"))
        keep(session, lesson(organisation, kind="item", layout=""))
        assert lessons_of(session, message(session, organisation), LAYOUT_KINDS) == [whole, own]
        stranger = message(session, organisation, "jan@gloves.example.evil.example")
        assert lessons_of(session, stranger, LAYOUT_KINDS) == []
        forged = message(session, organisation, "jan@GLOVES.example", authenticated=False)
        assert lessons_of(session, forged, LAYOUT_KINDS) == []
        assert lessons_of(session, message(session, other), LAYOUT_KINDS) == []
        assert lessons_of(session, None, LAYOUT_KINDS) == []


def test_a_lesson_is_kept_once_and_a_contrary_one_takes_its_place(
    database: Database, organisation: Organisation
) -> None:
    with database.session() as session:
        first = keep(session, lesson(organisation))
        assert keep(session, lesson(organisation)) is first
        second = keep(session, lesson(organisation, value="ordered"))
        assert (first.active, first.forgotten_by, second.active) == (False, "tessa", True)
        assert lessons_of(session, message(session, organisation), LAYOUT_KINDS) == [second]
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.sequence)).all()
        assert actions == ["learned", "forgotten", "learned"]
        assert list(faults(session, organisation.id)) == []


def test_a_forgotten_lesson_is_no_longer_found_and_may_be_learned_again(
    database: Database, organisation: Organisation
) -> None:
    with database.session() as session:
        first = keep(session, lesson(organisation))
        forget(session, first, "olga")
        mail = message(session, organisation)
        assert lessons_of(session, mail, LAYOUT_KINDS) == []
        again = keep(session, lesson(organisation))
        assert again is not first
        assert lessons_of(session, mail, LAYOUT_KINDS) == [again]


def test_uses_are_counted(database: Database, organisation: Organisation) -> None:
    now = utc_now()
    with database.session() as session:
        row = keep(session, lesson(organisation))
        count_use(session, [row.id, row.id], now)
        count_use(session, [row.id], now)
        count_use(session, [], now)
        session.refresh(row)
        assert (row.used, row.last_used_at) == (2, now)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"exception_id": None}, "column “Zahl” is quantity; learned from tessa on 2026-01-02"),
        ({"value": "order_number", "kind": "label"}, "label “Zahl” is order number; learned from tessa on 2026-01-02"),
    ],
)
def test_a_lesson_says_what_it_is_and_where_it_comes_from(
    organisation: Organisation, values: dict[str, Any], told: str
) -> None:
    row = lesson(organisation, id=3, learned_at=utc_now().replace(2026, 1, 2), **values)
    assert sentence(row) == f"lesson 3: {told}"


def test_lessons_are_looked_up_by_an_index(sqlite_database: Database) -> None:
    query = (
        "explain query plan select * from lesson where organisation_id = 1 and sender in ('a', 'b') and active = 1 "
        "and kind in ('column') order by learned_at desc limit 500"
    )
    with sqlite_database.read() as session:
        plan = " ".join(str(row) for row in session.execute(text(query)))
    assert "SEARCH lesson USING INDEX uq_lesson_active (organisation_id=? AND sender=?" in plan
