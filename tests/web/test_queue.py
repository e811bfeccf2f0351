"""The queue: the most urgent first, filtered, over several organisations, a page at a time."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from records.database import Database
from tests.rows import add_organisation
from tests.web.waiting import add_item
from web.desk.queue import Wanted, waiting
from web.desk.refused import CommandError

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)


def hours(number: float) -> datetime:
    return NOW + timedelta(hours=number)


def shown(database: Database, organisations: list[int], **wanted: object) -> list[int]:
    with database.read() as session:
        return [row.number for row in waiting(session, organisations, Wanted(**wanted), NOW).rows]  # type: ignore[arg-type]


def walked(database: Database, organisations: list[int], size: int) -> list[int]:
    numbers: list[int] = []
    after = ""
    with database.read() as session:
        while True:
            page = waiting(session, organisations, Wanted(size=size, after=after), NOW)
            assert 0 < len(page.rows) <= size
            numbers += [row.number for row in page.rows]
            after = page.after
            if not after:
                return numbers


def test_the_most_urgent_comes_first_and_the_page_says_how_urgent_it_is(database: Database) -> None:
    one = add_organisation(database).id
    with database.session() as session:
        calm, late, soon = (add_item(session, one, hours(number)) for number in (9, -1, 1))
        away = add_item(session, one, hours(-5), state="postponed", wake_at=hours(5))
        add_item(session, one, hours(-9), state="resolved")
    with database.read() as session:
        rows = waiting(session, [one], Wanted(), NOW).rows
        assert [(row.number, row.urgency) for row in rows] == [(late, "late"), (soon, "soon"), (calm, "")]
        (postponed,) = waiting(session, [one], Wanted(postponed=True), NOW).rows
        assert (postponed.number, postponed.urgency, postponed.wake_at) == (away, "", hours(5))


@pytest.mark.parametrize(
    "wanted",
    [{"code": "BOUNCED"}, {"owner": "buyer"}, {"opened_before": hours(-48)}, {"stake": 500}],
    ids=lambda one: "".join(one),
)
def test_a_filter_leaves_only_what_fits(database: Database, wanted: Mapping[str, object]) -> None:
    one = add_organisation(database).id
    fits = {"code": "BOUNCED", "owner": "buyer", "opened_at": hours(-49), "stake": 500}
    with database.session() as session:
        add_item(session, one, hours(1), opened_at=hours(-47), stake=499)
        add_item(session, one, hours(1), opened_at=hours(-47))
        wished = add_item(session, one, hours(2), **fits)
    assert shown(database, [one], **wanted) == [wished]


def test_pages_over_several_organisations_have_no_gap_and_no_repeat(database: Database) -> None:
    organisations = [add_organisation(database, slug).id for slug in ("north", "south", "west")]
    with database.session() as session:
        for number in range(14):  # many are due at the same moment
            add_item(session, organisations[number % 3], hours(number // 5))
    whole = shown(database, organisations)
    assert len(whole) == 14 and whole == sorted(whole)
    for size in (1, 3, 5, 14):
        assert walked(database, organisations, size) == whole
    assert walked(database, organisations[:1], 2) == whole[::3]


def test_nothing_of_an_organisation_that_was_not_asked_for_is_shown(database: Database) -> None:
    one, other = (add_organisation(database, slug).id for slug in ("north", "south"))
    with database.session() as session:
        add_item(session, other, hours(1))
    assert shown(database, [one]) == [] and shown(database, []) == []


@pytest.mark.parametrize(
    "cursor", ["1", "~", "2026-03-02~1", "2026-03-02T10:00:00+00:00~-1", "x~y", "2026~9" + "9" * 30]
)
def test_a_cursor_that_no_page_gave_is_refused_with_a_sentence(sqlite_database: Database, cursor: str) -> None:
    with sqlite_database.read() as session, pytest.raises(CommandError, match="cursor"):
        waiting(session, [1], Wanted(after=cursor), NOW)
