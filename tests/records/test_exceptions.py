"""The exception queue: one open item a row, and what a person decides is remembered."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from records import exceptions
from records.audit import faults
from records.database import Database
from records.problems import Code, Problem
from records.tables import AuditEntry, ExceptionItem, Notice, Organisation

PRICE = Problem(Code.PRICE_MISMATCH, "12.00 instead of 11.50.", "/lines/0/unit_price")
OTHER_PRICE = Problem(Code.PRICE_MISMATCH, "9.00 instead of 8.00.", "/lines/1/unit_price")
UNIT = Problem(Code.UNIT_MISMATCH, "Boxes are not pieces.", "/lines/0/unit")


def add_row(session: Session, organisation: Organisation) -> Notice:
    row = Notice(
        organisation_id=organisation.id,
        state="to_write",
        kind="reminder",
        subject_table="requisition",
        subject_id=1,
        key="one",
        recipient="a@b.example",
        due_at=None,
    )
    session.add(row)
    session.flush()
    return row


def test_a_row_has_one_open_item_however_often_it_is_held(database: Database, organisation: Organisation) -> None:
    with database.session() as session:
        row = add_row(session, organisation)
        first = exceptions.hold(session, row, "check", [PRICE], "agent")
        second = exceptions.hold(session, row, "check", [PRICE, UNIT], "buyer", "detail")
        assert first is second
        assert second.problems == [PRICE.as_dict(), UNIT.as_dict()]
        assert (second.owner, second.detail) == ("buyer", "detail")


def test_the_database_itself_refuses_a_second_open_item(database: Database, organisation: Organisation) -> None:
    with pytest.raises(IntegrityError), database.session() as session:
        row = add_row(session, organisation)
        for _ in range(2):
            item = ExceptionItem(
                organisation_id=organisation.id, subject_table="notice", subject_id=row.id, step="check"
            )
            session.add(item)


def test_a_row_that_was_released_can_be_held_anew(database: Database, organisation: Organisation) -> None:
    with database.session() as session:
        row = add_row(session, organisation)
        row.attempts, row.last_error = 8, "gone wrong"
        item = exceptions.hold(session, row, "check", [PRICE], "agent")
        exceptions.release(session, item, "ada@b.example", "corrected")
        session.refresh(row)
        assert row.due_at is not None
        assert row.attempts == 0
        assert row.last_error is None
        assert exceptions.open_item(session, row) is None
        assert exceptions.hold(session, row, "check", [UNIT], "agent").id != item.id


def test_a_waiver_covers_its_code_at_its_place_on_its_row_and_nothing_else(
    database: Database, organisation: Organisation
) -> None:
    with database.session() as session:
        row = add_row(session, organisation)
        item = exceptions.hold(session, row, "check", [PRICE, UNIT], "agent")
        exceptions.waive(session, item, PRICE.code, PRICE.at, "ada@b.example", "agreed by phone")
        session.flush()
        assert exceptions.not_waived(session, row, [PRICE, OTHER_PRICE, UNIT]) == (OTHER_PRICE, UNIT)
        other = Notice(
            organisation_id=organisation.id,
            state="to_write",
            kind="x",
            subject_table="y",
            subject_id=1,
            key="two",
            recipient="a@b.example",
        )
        session.add(other)
        session.flush()
        assert exceptions.not_waived(session, other, [PRICE]) == (PRICE,)


def test_every_decision_is_in_the_audit_chain(database: Database, organisation: Organisation) -> None:
    with database.session() as session:
        row = add_row(session, organisation)
        item = exceptions.hold(session, row, "check", [PRICE], "agent")
        exceptions.waive(session, item, PRICE.code, PRICE.at, "ada@b.example", "agreed by phone")
        exceptions.release(session, item, "ada@b.example", "waived")
    with database.open_session() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence)).all()
        assert [(entry.action, entry.actor) for entry in entries] == [
            ("held", "step:check"),
            ("waived", "ada@b.example"),
            ("exception_resolved", "ada@b.example"),
        ]
        assert list(faults(session, organisation.id)) == []


def test_a_problem_survives_its_way_through_json() -> None:
    assert Problem.from_dict(PRICE.as_dict()) == PRICE
    assert PRICE.as_dict() == {"code": "PRICE_MISMATCH", "detail": PRICE.detail, "at": PRICE.at}


def test_only_tables_of_work_can_be_held(database: Database) -> None:
    assert exceptions.table_named("notice") is Notice
    with pytest.raises(LookupError):
        exceptions.table_named("organisation")
