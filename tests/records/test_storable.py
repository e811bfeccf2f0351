import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from records.audit import faults, record
from records.base import storable
from records.database import Database
from records.tables import Notice, Organisation
from scheduler.runner import is_passing

ODD = "a\x00b\ud800c \U0001f9e4 \u202e"
KEPT = "a\ufffdb\ufffdc \U0001f9e4 \u202e"


def test_text_and_json_of_outsiders_are_kept_on_every_database(database: Database, organisation: Organisation) -> None:
    with database.session() as session:
        notice = Notice(
            organisation_id=organisation.id,
            state="written",
            due_at=None,
            kind="reminder",
            subject_table="message",
            subject_id=1,
            key="one",
            recipient=ODD,
            details={ODD: [ODD, {"deep": ODD}, 1]},
        )
        session.add(notice)
        record(session, notice, "told", ODD, words=ODD, list=[ODD])
    with database.read() as session:
        kept = session.scalars(select(Notice)).one()
        assert kept.recipient == KEPT
        assert kept.details == {KEPT: [KEPT, {"deep": KEPT}, 1]}
        assert list(faults(session, organisation.id)) == []


def test_what_every_database_can_keep_is_left_as_it_is() -> None:
    assert storable({"a": ["\U0001f9e4\t\n", 1, None, True]}) == {"a": ["\U0001f9e4\t\n", 1, None, True]}


@pytest.mark.parametrize(
    ("statement", "passing"), [("select * from nowhere", False), ("begin immediate", True)], ids=["wrong", "busy"]
)
def test_a_busy_database_passes_and_a_wrong_statement_does_not(statement: str, passing: bool, tmp_path: Path) -> None:
    file = tmp_path / "busy.db"
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("begin immediate")
    asking = sqlite3.connect(file, timeout=0, isolation_level=None)
    with pytest.raises(sqlite3.OperationalError) as caught:
        asking.execute(statement)
    assert is_passing(OperationalError(statement, {}, caught.value)) is passing
    asking.close()
    holder.close()
