"""Lists: pages without gaps or repeats, searches by number and name, and nothing of another organisation."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from records.blobs import Blobs
from records.database import Database
from tests.paper_desk import PaperDesk
from web.desk import lists, lists_master
from web.desk.paging import Asked, Page
from web.desk.refused import CommandError

List = Callable[[Session, int, Asked], Page]
ALL: list[List] = [
    lists.requisitions,
    lists.orders,
    lists.approvals,
    lists.messages,
    lists_master.suppliers,
    lists_master.catalog,
    lists_master.people,
]


@pytest.fixture
def desk(database: Database, blobs: Blobs) -> Iterator[PaperDesk]:
    desk = PaperDesk(database, blobs)
    desk.order_gloves()
    desk.ask_for_gloves(3)
    yield desk


def found(desk: PaperDesk, one: List, search: str = "", state: str | None = None) -> list[object]:
    with desk.rows() as session:
        return [row["id"] for row in one(session, desk.organisation_id, Asked(search, state)).rows]


def test_every_list_shows_each_row_once_over_its_pages(desk: PaperDesk) -> None:
    with desk.rows() as session:
        for one in ALL:
            whole = one(session, desk.organisation_id, Asked(size=500)).rows
            walked: list[object] = []
            after = None
            while True:
                page = one(session, desk.organisation_id, Asked(size=1, after=after))
                walked += page.rows
                after = page.after
                if after is None:
                    break
            assert walked == list(whole) and whole, one.__name__


def test_an_order_is_found_by_number_its_beginning_and_its_supplier(desk: PaperDesk) -> None:
    with desk.rows() as session:
        number, _ = (str(row["number"]) for row in lists.orders(session, desk.organisation_id, Asked()).rows)
    for search, many in ((number.lower(), 1), (number.replace("-", ""), 1), (number[:7], 2), ("glove", 2)):
        assert len(found(desk, lists.orders, search)) == many, search
    assert len(found(desk, lists.orders, desk.glover)) == 2
    assert found(desk, lists.orders, number + "9") == []
    assert found(desk, lists.orders, "nobody at all") == []


def test_a_requisition_is_found_by_number_and_by_who_asked(desk: PaperDesk) -> None:
    assert len(found(desk, lists.requisitions, "r-00001")) == 1
    assert len(found(desk, lists.requisitions, "ada")) == 2
    assert len(found(desk, lists.requisitions, "r-0000")) == 2
    assert len(found(desk, lists.approvals, "olga")) >= 1


def test_a_catalog_item_is_found_by_number_and_by_words(desk: PaperDesk) -> None:
    assert found(desk, lists_master.catalog, "G-100") == found(desk, lists_master.catalog, "nitrile gloves size m")[:1]


def test_signs_that_a_database_gives_a_meaning_are_searched_as_they_are(desk: PaperDesk) -> None:
    for sign in ("%", "_", "'; drop table person; --"):
        assert found(desk, lists_master.suppliers, sign) == []


def test_a_state_or_cursor_that_does_not_exist_is_refused_with_a_sentence(desk: PaperDesk) -> None:
    with desk.rows() as session:
        with pytest.raises(CommandError, match="There is no state sent"):
            lists.orders(session, desk.organisation_id, Asked(state="sent"))
        with pytest.raises(CommandError, match="cursor"):
            lists.orders(session, desk.organisation_id, Asked(after="1 or 1=1"))


def test_a_list_never_shows_what_is_another_organisation_s(desk: PaperDesk) -> None:
    other = PaperDesk(desk.database, desk.blobs, slug="south")
    for one in ALL:
        assert not set(found(desk, one)) & set(found(other, one)), one.__name__


def test_pages_and_searches_by_number_go_through_an_index(desk: PaperDesk) -> None:
    if desk.database.engine.dialect.name != "sqlite":
        pytest.skip("the plan is read as SQLite prints it")
    statements = (
        "select id from requisition where organisation_id = 1 and id < 9 order by id desc limit 51",
        "select id from purchase_order where organisation_id = 1 and state = 'issued' and id < 9 order by id desc",
        "select id from message where organisation_id = 1 and id < 9 order by id desc limit 51",
        "select id from approval where organisation_id = 1 and id < 9 order by id desc limit 51",
    )
    with desk.rows() as session:
        for statement in statements:
            plan = " ".join(str(row[3]) for row in session.execute(text(f"explain query plan {statement}")))
            assert "USING" in plan and "SCAN" not in plan and "TEMP B-TREE" not in plan, plan
