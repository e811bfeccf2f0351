import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from parsers.child import learn_in_child, prove_in_child
from parsers.document import read_document
from parsers.hints import Hints, Lesson
from parsers.learn import Learned, learn, prove, with_lessons
from parsers.numbers import Convention
from tests.parsers.paper import LANGUAGE, paper, print_pdf
from tests.parsers.test_formats_office import saved, workbook

HEAD = ["Kennung", "Sache", "Zahl"]
LINES = [["HG-7", "Gloves of 100", "10"], ["HG-8", "Masks of 50", "4"]]
TEXTS = {"/lines/0/description": "Gloves of 100", "/lines/1/description": "Masks of 50"}


def sheet(lines: Sequence[Sequence[str]] = LINES, head: Sequence[str] = HEAD, *top: Sequence[str]) -> bytes:
    """Return an order confirmation as a workbook."""
    rows = [["Auftragsbestätigung"], ["Nr.", "AB-7"], ["Datum", "05.11.2026"], *top, [], head, *lines]
    return saved(workbook(rows))


def learned(data: bytes, corrections: Mapping[str, Any], **known: Any) -> dict[str, str]:
    found = learn(data, "ab.xlsx", None, corrections, **known)
    return {f"{lesson.kind} {lesson.key}".strip(): lesson.value for lesson in found.lessons}


def test_lines_that_were_not_found_are_once_a_person_put_them_there() -> None:
    corrections = {"/lines/0/quantity": "10", "/lines/0/item_number": "HG-7", "/lines/0/description": "Gloves of 100"}
    found = learn(sheet(), "ab.xlsx", None, corrections)
    hints = with_lessons(Hints(), found.lessons)
    assert hints.columns == {"zahl": "quantity", "kennung": "item", "sache": "description"}
    assert read_document(sheet(), lessons={found.layout or "": hints}).lines[1].quantity == 4


def test_the_column_that_holds_every_corrected_value_is_the_one_that_is_meant() -> None:
    head = ["Artikelnummer", "Bezeichnung", "Menge", "Zusage"]
    lines = [["HG-7", "Gloves of 100", "12", "10"], ["HG-8", "Masks of 50", "5", "4"]]
    both = {"/lines/0/quantity": "10", "/lines/1/quantity": "4"}
    assert learned(sheet(lines, head), both) == {"column zusage": "quantity"}


def test_a_lesson_that_changes_what_a_person_left_alone_is_not_kept() -> None:
    head = ["Artikelnummer", "Bezeichnung", "Menge", "Zusage"]
    lines = [["HG-7", "Gloves of 100", "12", "10"], ["HG-8", "Masks of 50", "5", "4"]]
    assert learned(sheet(lines, head), {"/lines/0/quantity": "10"}) == {}


def test_what_stands_nowhere_on_the_page_teaches_nothing() -> None:
    corrections = {"/lines/0/quantity": "999", "/cost_center": "4711", "/lines/1": "", "/response": "accepted"}
    assert learned(sheet(), corrections) == {}


def test_what_was_read_right_already_teaches_nothing() -> None:
    head = ["Artikelnummer", "Bezeichnung", "Menge"]
    assert learned(sheet(LINES, head), {"/lines/0/quantity": "10", "/number": "AB-7"}) == {}


@pytest.mark.parametrize(
    ("top", "pointer", "value", "lesson"),
    [
        (["Vorfall", "PO-77"], "/order_numbers", ["PO-77"], {"label vorfall": "order_number"}),
        (["Vorfall: PO-77"], "/order_numbers", ["PO-77"], {"label vorfall": "order_number"}),
        (["Belastet", "4711"], "/cost_center", "4711", {"label belastet": "cost_center"}),
        (["Wunsch", "17.12.2026"], "/issued_on", "2026-12-17", {"label wunsch": "issued_on"}),
    ],
)
def test_a_value_teaches_the_label_that_stands_before_it(
    top: list[str], pointer: str, value: Any, lesson: dict[str, str]
) -> None:
    assert learned(sheet(LINES, ["Artikelnummer", "Bezeichnung", "Menge"], top), {pointer: value}) == lesson


def test_a_number_that_may_mean_two_things_teaches_how_the_layout_writes_numbers() -> None:
    data = sheet([["HG-7", "Sand", "1.250"]], ["Artikelnummer", "Bezeichnung", "Menge"])
    assert not read_document(data).accepted
    found = learn(data, "ab.xlsx", None, {"/lines/0/quantity": "1250"})
    assert [(x.kind, x.value) for x in found.lessons] == [("number", "comma")]
    assert read_document(data, lessons={found.layout or "": Hints(number=Convention.COMMA)}).accepted


def test_lessons_known_before_are_kept_in_the_trial() -> None:
    corrections = {"/lines/0/quantity": "10", **TEXTS}
    layout = learn(sheet(), "ab.xlsx", None, corrections).layout or ""
    known = {layout: Hints(columns={"zahl": "quantity", "sache": "description"})}
    numbers = {"/lines/0/item_number": "HG-7", "/lines/1/item_number": "HG-8"}
    assert learned(sheet(), numbers, lessons=known) == {"column kennung": "item"}


def test_a_printed_table_whose_labels_nobody_knows_is_learned_from_two_columns() -> None:
    truth = paper("de", "order_response", 1)
    labels = LANGUAGE["de"].labels
    html = truth.html
    for number, name in enumerate(("qty", "text", "price", "total", "item", "unit", "pos")):
        html = re.sub(rf"(<th[^>]*>){re.escape(labels[name])}<", rf"\1Zyx{'abcdefg'[number]}ro<", html)
    odd = print_pdf(html)
    texts = {f"/lines/{n}/description": line["text"] for n, line in enumerate(truth.lines)}
    quantities = {f"/lines/{n}/quantity": str(line["quantity"]) for n, line in enumerate(truth.lines)}
    found = learn(odd, "ab.pdf", None, texts | quantities)
    assert {lesson.value for lesson in found.lessons} >= {"quantity", "description"}
    again = read_document(odd, lessons={found.layout or "": with_lessons(Hints(), found.lessons)})
    assert [line.quantity for line in again.lines] == [line["quantity"] for line in truth.lines]
    for line, told in zip(again.lines, truth.lines, strict=True):
        assert (line.description or "").startswith(told["text"])
    assert read_document(odd).lines != again.lines


def test_told_lessons_count_only_where_they_are_used() -> None:
    told = [Lesson("column", "zahl", "quantity"), Lesson("column", "sache", "description")]
    assert prove(sheet(), None, None, told).lessons == tuple(told)
    stray = Lesson("column", "farbe", "quantity")
    assert stray not in prove(sheet(), None, None, [*told, stray]).lessons


def test_told_lessons_that_make_the_figures_disagree_are_not_proven() -> None:
    head = ["Item", "Description", "Menge", "Weight", "Unit price", "Total"]
    lines = [["A", "Pen", "2", "7", "3.00", "6.00"], ["B", "Ink", "5", "9", "2.00", "10.00"]]
    told = [Lesson("column", "weight", "quantity")]
    assert prove(sheet(lines, head), None, None, told).lessons == ()


def test_the_child_process_learns_and_proves_the_same() -> None:
    corrections = {"/lines/0/quantity": "10", **TEXTS}
    told = [Lesson("column", "zahl", "quantity"), Lesson("column", "sache", "description")]
    assert learn_in_child(sheet(), "ab.xlsx", None, corrections) == learn(sheet(), "ab.xlsx", None, corrections)
    assert prove_in_child(sheet(), "ab.xlsx", None, told) == prove(sheet(), "ab.xlsx", None, told)


@pytest.mark.parametrize("data", [b"", b"%PDF-1.4 broken", b"\x00\x01", b"<Invoice/>", b"PK\x03\x04xl/workbook"])
def test_broken_bytes_teach_nothing(data: bytes) -> None:
    corrections = {"/lines/0/quantity": "1"}
    assert learn(data, "x", None, corrections).lessons == ()
    assert learn_in_child(data, "x", None, corrections).lessons == ()
    assert prove_in_child(data, "x", None, [Lesson("column", "a", "quantity")]).lessons == ()


def test_what_was_learned_survives_being_written_down() -> None:
    found = Learned("0" * 16, (Lesson("column", "zahl", "quantity", "Zahl"),))
    assert Learned.from_dict(json.loads(json.dumps(found.as_dict()))) == found
