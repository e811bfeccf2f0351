"""Teaching, and what was learned, at the command line."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from records.audit import faults
from records.blobs import Blobs
from records.database import Database
from records.tables import Message
from tests.buydesk.terminal import Terminal
from tests.journeys.test_learning import confirm, confirmation, gloves, paper
from tests.paper_desk import PaperDesk
from web.desk.resolution import correct

TAUGHT = ("--column", "Kennung=item_number", "--column", "Sache=description", "--column", "Zahl=quantity")


@pytest.fixture
def desk(home: Path, migrated_template: Path) -> Iterator[PaperDesk]:
    """Give a desk whose rows the terminal's commands see, without mail servers."""
    home.mkdir()
    shutil.copyfile(migrated_template, home / "buydesk.db")
    database = Database(f"sqlite:///{home / 'buydesk.db'}")
    yield PaperDesk(database, Blobs(str(home / "blobs")))
    database.close()


@pytest.fixture
def held(desk: PaperDesk) -> int:
    """Return the exception about a confirmation in a layout that nobody knows."""
    confirm(desk, gloves(desk), 10)
    return only_held(desk)


def only_held(desk: PaperDesk) -> int:
    with desk.rows() as session:
        (item,) = desk.held(session)
        return item.id


def test_a_layout_is_taught_used_shown_and_forgotten(terminal: Terminal, desk: PaperDesk, held: int) -> None:
    ran = terminal("exceptions", "teach", held, *TAUGHT, "--by", "olga")
    assert ran.code == 0
    assert f"Learned lesson 1: column “Kennung” is item; learned from exception {held} on" in ran.out
    assert ran.out.endswith("was released; its document was read again.\n")
    desk.work()
    confirm(desk, gloves(desk), 11)
    assert desk.codes() == []
    found = terminal("lessons", "list", "--json").json
    assert [(one["shown"], one["value"], one["used"], one["learned_by"]) for one in found] == [
        ("Kennung", "item", 2, "olga"),
        ("Sache", "description", 2, "olga"),
        ("Zahl", "quantity", 2, "olga"),
    ]
    listed, shown = terminal("lessons", "list"), terminal("lessons", "show", 1)
    assert "3 lessons" in listed.out
    assert ("Kennung" in shown.out, "exception_id" in shown.out) == (True, True)
    assert terminal("lessons", "list", "--json", "--sender", "@nobody.example").json == []
    assert terminal("lessons", "forget", 3).out == "Lesson 3 was forgotten.\n"
    assert len(terminal("lessons", "list", "--json").json) == 2
    assert len(terminal("lessons", "list", "--json", "--forgotten").json) == 3
    assert terminal("lessons", "show", 3, "--json").json["forgotten_by"] == "operator:tessa"
    assert "forgotten already, by operator:tessa" in terminal("lessons", "forget", 3).sentence
    confirm(desk, gloves(desk), 12)
    assert "LOW_CONFIDENCE" in desk.codes()
    with desk.rows() as session:
        assert list(faults(session, desk.organisation_id)) == []


def test_a_correction_tells_what_it_taught(terminal: Terminal, desk: PaperDesk, held: int) -> None:
    line = ["/lines/0/quantity=10", "/lines/0/item_number=G-100", "/lines/0/description=" + gloves(desk).text]
    ran = terminal("exceptions", "correct", held, *line)
    assert ran.out.startswith(f"Exception {held} was released with 3 correction(s).\nLearned lesson 1:")
    assert ran.out.count("Learned") == 3
    nothing = terminal("exceptions", "correct", held, "/response=accepted")
    assert "resolved already" in nothing.sentence
    desk.work()
    assert "Learned" not in terminal("exceptions", "correct", only_held(desk), "/response=accepted").out


def test_a_label_and_how_numbers_are_written_are_taught(terminal: Terminal, desk: PaperDesk) -> None:
    labels = ("Artikelnummer", "Bezeichnung", "Menge")
    sheet = confirmation(gloves(desk), 10, labels, "10.000", ("Belastet", "4711"))
    confirm(desk, gloves(desk), 10, sheet)
    assert "AMBIGUOUS_NUMBER" in desk.codes()
    ran = terminal("exceptions", "teach", only_held(desk), "--label", "Belastet=cost_center", "--decimals", "point")
    assert "label “Belastet” is cost center" in ran.out
    assert "number: point; learned from exception" in ran.out
    desk.work()
    assert desk.codes() == []


def test_an_exception_shows_the_lessons_it_was_read_with(terminal: Terminal, desk: PaperDesk, held: int) -> None:
    terminal("exceptions", "teach", held, *TAUGHT)
    desk.work()
    confirm(desk, gloves(desk), 11, confirmation(gloves(desk), 9))
    assert desk.codes() == ["RESPONSE_OUT_OF_TOLERANCE"]
    number = only_held(desk)
    learned = terminal("exceptions", "show", number, "--json").json["learned"]
    assert any("“Zahl” is quantity" in sentence for sentence in learned)
    assert "read and checked with what was learned" in terminal("exceptions", "show", number).out


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((), "Say what something means"),
        (("--column", "Zahl"), "'Zahl' is not of the form LABEL=MEANING; a column may mean"),
        (("--column", "Zahl=colour"), "'Zahl=colour' is not of the form LABEL=MEANING; a column may mean"),
        (("--label", "Nr=colour"), "a label may mean account_code"),
        (("--decimals", "semicolon"), "Say one of point, comma, not 'semicolon'."),
        (("--dates", "year_first"), "Say one of day_first, month_first, not 'year_first'."),
        (("--column", "Farbe=quantity"), "No document of this message is read with “Farbe”."),
    ],
)
def test_what_cannot_be_taught_is_refused_and_changes_nothing(
    terminal: Terminal, desk: PaperDesk, held: int, options: tuple[str, ...], sentence: str
) -> None:
    assert sentence in terminal("exceptions", "teach", held, *options).sentence
    assert terminal("lessons", "list", "--json").json == []
    assert only_held(desk) == held


def test_a_mail_without_a_document_teaches_no_layout(terminal: Terminal, desk: PaperDesk) -> None:
    desk.receive(desk.person("ada"), "Gloves", "Please order 5 boxes of green wellingtons, cost centre 4711.")
    number = only_held(desk)
    assert "nothing that came as a document" in terminal("exceptions", "teach", number, *TAUGHT).sentence


def test_numbers_that_are_no_lesson_are_refused(terminal: Terminal, desk: PaperDesk) -> None:
    assert terminal("lessons", "show", 7).sentence == "There is no lesson 7."
    assert terminal("lessons", "forget", 7).sentence == "There is no lesson 7."
    assert desk.codes() == []


def test_an_address_that_speaks_for_a_supplier_is_named_once(terminal: Terminal, desk: PaperDesk) -> None:
    order = desk.order_gloves()
    about = {"In_Reply_To": order.message_id, "References": order.message_id}
    helper = "jan@post.example"
    desk.receive(helper, f"Re: {order.subject}", "We confirm your order as written.", **about)
    ran = terminal("exceptions", "correct", only_held(desk), f"/sender={desk.glover}")
    assert f"contact “{helper}” is {desk.glover}" in ran.out
    desk.work()
    assert desk.codes() == []
    desk.receive(helper, f"Re: {order.subject}", "We confirm your order as written, thank you.", **about)
    assert desk.codes() == []
    with desk.rows() as session:
        latest = session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
        assert any("learned from exception" in signal for signal in latest.signals)
    desk.receive(helper, "Hello", "We confirm your order as written.", proven="no")
    assert "UNKNOWN_SENDER" in desk.codes()


def test_nobody_is_taken_for_a_person_of_the_organisation(terminal: Terminal, desk: PaperDesk) -> None:
    desk.receive("ada.private@post.example", "Gloves", "Please order 5 boxes of nitrile gloves, cost centre 4711.")
    ran = terminal("exceptions", "correct", only_held(desk), f"/sender={desk.person('ada')}")
    assert (ran.code, "Learned" in ran.out) == (0, False)


def test_a_lookalike_s_address_is_never_kept(terminal: Terminal, desk: PaperDesk) -> None:
    order = desk.order_gloves()
    near = desk.glover.replace("gloves", "g1oves")
    desk.receive(near, f"Re: {order.subject}", "We confirm.", In_Reply_To=order.message_id)
    assert desk.codes() == ["LOOKALIKE_SENDER"]
    ran = terminal("exceptions", "correct", only_held(desk), f"/sender={desk.glover}")
    assert (ran.code, "Learned" in ran.out) == (0, False)


def test_a_unit_s_name_is_learned_unless_it_was_converted(terminal: Terminal, desk: PaperDesk) -> None:
    text = "Please order:\n\n- 3 pallets copy paper A4 80 g (P-200)\n\nCost centre: 4711\n"
    desk.receive(desk.person("ada"), "Paper", text)
    assert desk.codes() == ["UNIT_MISMATCH"]
    number = only_held(desk)
    with desk.rows() as session:
        (item,) = desk.held(session)
        written = desk.requisition(session).reading["lines"][0]["unit"]
        assert item.id == number
    ran = terminal("exceptions", "correct", number, "/lines/0/unit=box")
    assert f"unit “{written}” is box" in ran.out
    desk.work()
    desk.receive(desk.person("ada"), "Paper", text.replace("3", "4"))
    assert desk.codes() == []
    desk.receive(desk.person("ada"), "Gloves", "- 3 pallets nitrile gloves, size M (G-100)\n\nCost centre: 4711\n")
    assert desk.codes() == ["UNIT_MISMATCH"]
    ran = terminal("exceptions", "correct", only_held(desk), "/lines/0/unit=box", "/lines/0/quantity=60")
    assert (ran.code, "Learned" in ran.out) == (0, False)


def test_what_a_correction_teaches_is_never_in_the_way_of_the_correction(desk: PaperDesk, held: int) -> None:
    confirm(desk, paper(desk), 3)
    with desk.rows() as session:
        for item in desk.held(session):
            assert correct(session, item, ["/handled=done"], "tessa") == {"/handled": "done"}
    assert desk.codes() == []
