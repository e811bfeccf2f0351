"""The exception queue at the command line, on what a real mail left there."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from records import exceptions
from records.audit import faults
from records.problems import Code, Problem
from records.tables import AuditEntry, ExceptionItem, Organisation, PurchaseOrder, Requisition, Waiver
from tests.buydesk.terminal import Terminal
from tests.journeys.world import Desk

pytestmark = pytest.mark.dovecot
REQUEST = "Hi,\n\nplease order 5 boxes of nitrile gloves, size M.\n\nAda"
CODES = ["CODING_MISSING", "BUDGET_UNKNOWN"]


@pytest.fixture
def desk(desk: Desk) -> Iterator[Desk]:
    """Give a desk on which a request waits that names no cost centre."""
    desk.write(desk.person("ada"), "Gloves", REQUEST)
    desk.work()
    yield desk


def audited(desk: Desk, action: str) -> list[tuple[str, dict[str, Any]]]:
    with desk.rows() as session:
        found = session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.sequence))
        return [(entry.actor, entry.detail) for entry in found]


def everything(desk: Desk) -> object:
    """Return all that a person could have changed."""
    with desk.rows() as session:
        return (
            [(row.state, row.due_at, row.corrections) for row in session.scalars(select(Requisition))],
            [(item.state, item.problems) for item in session.scalars(select(ExceptionItem))],
            len(session.scalars(select(AuditEntry)).all()),
            len(session.scalars(select(Waiver)).all()),
        )


def test_what_waits_is_listed_and_shown(terminal: Terminal, desk: Desk) -> None:
    listed = terminal("exceptions", "list")
    assert (listed.code, "1 open" in listed.out, "CODING_MISSING" in listed.out) == (0, True, True)
    (item,) = terminal("exceptions", "list", "--json").json
    assert [problem["code"] for problem in item["problems"]] == CODES
    shown = terminal("exceptions", "show", item["id"])
    assert (shown.code, "/cost_center" in shown.out, "itrile gloves" in shown.out) == (0, True, True)
    told = terminal("exceptions", "show", item["id"], "--json").json
    assert (told["reading"]["lines"][0]["quantity"], told["corrections"]) == ("5", {})


def test_a_correction_lets_the_request_go_on_and_says_who_made_it(terminal: Terminal, desk: Desk) -> None:
    ran = terminal("exceptions", "correct", 1, "/cost_center=4711", "/lines/0/quantity=4")
    assert (ran.code, ran.out) == (0, "Exception 1 was released with 2 correction(s).\n")
    desk.work()
    with desk.rows() as session:
        order = session.scalars(select(PurchaseOrder)).one()
        assert (order.state, order.lines[0].quantity) == ("issued", Decimal(4))
        assert list(faults(session, session.scalars(select(Organisation)).one().id)) == []
    assert audited(desk, "corrected") == [
        ("operator:tessa", {"values": {"/cost_center": "4711", "/lines/0/quantity": "4"}})
    ]
    assert "resolved already, by operator:tessa" in terminal("exceptions", "correct", 1, "/currency=EUR").sentence
    assert terminal("exceptions", "list", "--json").json == []


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (["/cost_center=4711", "/lines/0/quantity=many"], "quantity must be a number with a decimal point, not 'many'"),
        (["/cost_center=4711", "/needed_by=tomorrow"], "needed_by must be a date as YYYY-MM-DD, not 'tomorrow'"),
        (["/cost_center=4711", "/colour=red"], "a reading has no colour"),
        (["/cost_center=4711", "/lines/0/colour=red"], "a reading has no colour"),
        (["/cost_center=4711", "lines=2"], "lines is no place of a reading"),
        (["/cost_center=4711", "/lines/0=2"], "/lines/0 names a whole line"),
        (["/cost_center=4711", "/lines/99999/quantity=2"], "/lines/99999/quantity is no place of a reading"),
        (["/cost_center=4711", "/kind=lunch"], "/kind must be one of requisition, order, "),
        (["/cost_center=4711", "/lines/0/status=lost"], "/lines/0/status must be one of accepted, "),
        (["/cost_center=4711", "/sender=a@b.example"], "/sender belongs to a message"),
        (["/cost_center=4711", "/lines/0/quantity"], "'/lines/0/quantity' is not of the form AT=VALUE"),
        (["/cost_center=4711", "/lines/0/quantity=NaN"], "quantity must be a number"),
    ],
)
def test_one_wrong_correction_refuses_all_and_writes_nothing(
    terminal: Terminal, desk: Desk, values: list[str], sentence: str
) -> None:
    before = everything(desk)
    said = terminal("exceptions", "correct", 1, *values).sentence
    assert said.startswith(sentence)
    assert len(said.splitlines()) == 1
    assert everything(desk) == before


def test_a_waiver_needs_a_problem_and_a_reason(terminal: Terminal, desk: Desk) -> None:
    before = everything(desk)
    assert "it has CODING_MISSING /cost_center" in terminal("exceptions", "waive", 1, "POISON", "--why", "x").sentence
    there = terminal("exceptions", "waive", 1, "BUDGET_UNKNOWN", "--at", "/lines/7", "--why", "x")
    assert "has no such problem" in there.sentence
    assert "needs a reason" in terminal("exceptions", "waive", 1, "BUDGET_UNKNOWN", "--why", " ").sentence
    assert terminal("exceptions", "waive", 1, "BUDGET_UNKNOWN").code == 2
    assert everything(desk) == before


def test_a_waived_problem_does_not_come_back_and_its_reason_is_kept(terminal: Terminal, desk: Desk) -> None:
    words = ("--why", "agreed with finance", "--by", "bo@acme.example")
    assert terminal("exceptions", "waive", 1, "budget_unknown", *words).code == 0
    desk.work()
    (item,) = terminal("exceptions", "list", "--json").json
    assert [problem["code"] for problem in item["problems"]] == ["CODING_MISSING"]
    ((by, detail),) = audited(desk, "waived")
    assert (by, detail["code"], detail["why"]) == ("bo@acme.example", "BUDGET_UNKNOWN", "agreed with finance")


def test_a_release_runs_the_same_step_again(terminal: Terminal, desk: Desk) -> None:
    before = everything(desk)
    assert "Say what was mended" in terminal("exceptions", "release", 1, "--why", "").sentence
    assert everything(desk) == before
    assert terminal("exceptions", "release", 1, "--why", "the budget was loaded").code == 0
    desk.work()
    (item,) = terminal("exceptions", "list", "--json").json
    assert (item["id"], [problem["code"] for problem in item["problems"]]) == (2, CODES)
    assert [by for by, detail in audited(desk, "exception_resolved") if detail["exception"] == 1] == ["operator:tessa"]


def test_numbers_that_nothing_has_are_told(terminal: Terminal, desk: Desk) -> None:
    for words in (("show", 7), ("correct", 7, "/cost_center=1"), ("release", 7, "--why", "x")):
        assert terminal("exceptions", *words).sentence == "There is no exception 7."
    for number in ("0", "x", 2**63):
        assert terminal("exceptions", "show", number).code == 2


def test_a_message_is_given_a_sender_or_closed_by_hand(terminal: Terminal, desk: Desk) -> None:
    desk.write(f"mallory@evil-{desk.slug}.example", "Offer", "Please order 5 boxes of nitrile gloves, size M.")
    desk.work()
    assert terminal("exceptions", "correct", 2, "/sender=somebody").sentence == (
        "/sender must be an email address, not 'somebody'."
    )
    assert terminal("exceptions", "correct", 2, "/handled=an offer, nothing to do").code == 0
    desk.work()
    assert [item["id"] for item in terminal("exceptions", "list", "--json").json] == [1]
    assert terminal("status").code == 0


def test_nothing_is_corrected_of_what_was_never_read(terminal: Terminal, desk: Desk) -> None:
    terminal("exceptions", "correct", 1, "/cost_center=4711")
    desk.work()
    with desk.rows() as session:
        order = session.scalars(select(PurchaseOrder)).one()
        number = exceptions.hold(session, order, "chase", [Problem(Code.RESPONSE_OVERDUE, "No answer.")], "buyer").id
    said = terminal("exceptions", "correct", number, "/lines/0/quantity=1").sentence
    assert said == f"Exception {number} is about a purchase order, of which nothing was read: waive or release it."
