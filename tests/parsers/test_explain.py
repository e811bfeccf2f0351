"""How documents were read, shown on their pages."""

import io
import re
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest
from PIL import Image

from parsers.child import explain_in_child
from parsers.explain import Explained, explain_document
from parsers.explain_file import explain_file
from parsers.explain_html import Section, html_page
from parsers.explain_picture import marked_png
from parsers.reading import Reading
from tests.parsers.paper import paper, print_pdf

CSV = b"Purchase requisition\nDescription;Qty\nPens <b>;10\nInk & paper;2\n"


def test_every_value_of_a_pdf_is_marked_where_it_stands() -> None:
    truth = paper("en", "invoice", 4)
    explained = explain_document(truth.pdf, "a.pdf", None)
    (page,) = explained.pages
    marked = {mark.pointer for mark in page.marks}
    assert {"/number", "/gross_total", "/lines/0/quantity"} <= marked
    assert {mark.kind for mark in page.marks} >= {"line", "total", "field", "column"}
    assert all(0 <= m.box[0] < m.box[2] <= 1 and 0 <= m.box[1] < m.box[3] <= 1 for m in page.marks)


def test_marks_stand_on_ink() -> None:
    (page,) = explain_document(print_pdf("<h1>Invoice</h1><p>Invoice no.: A-77</p>"), "a.pdf", None).pages
    picture = Image.open(io.BytesIO(page.png)).convert("L")
    box = next(mark.box for mark in page.marks if mark.pointer == "/number")
    (width, height), (x0, top, x1, bottom) = picture.size, box
    cut = picture.crop((round(x0 * width), round(top * height), round(x1 * width), round(bottom * height)))
    assert min(cut.tobytes()) < 100


@pytest.mark.parametrize(
    "data, name", [(CSV, "a.csv"), (b"<table><tr><th>Description<th>Qty<tr><td>Pen<td>3</table>", "a.html")]
)
def test_tables_without_a_look_of_their_own_are_drawn(data: bytes, name: str) -> None:
    (page,) = explain_document(data, name, None).pages
    assert {mark.pointer for mark in page.marks} >= {"/lines/0/description", "/lines/0/quantity"}
    assert Image.open(io.BytesIO(page.png)).getextrema() != ((255, 255),)


def test_marks_are_drawn_on_the_picture() -> None:
    (page,) = explain_document(CSV, "a.csv", None).pages
    marks = [(mark.label, mark.kind, mark.box) for mark in page.marks]
    assert marked_png(page.png, marks) != marked_png(page.png, [])


def test_the_child_explains_what_the_parent_would_and_survives_what_kills_it() -> None:
    assert explain_in_child(CSV, "a.csv", None) == explain_document(CSV, "a.csv", None)
    assert explain_in_child(b"", "a.csv", None).reading.problems


def test_the_page_for_people_escapes_all_and_needs_nothing_from_elsewhere() -> None:
    explained = explain_document(CSV, "a.csv", None)
    page = html_page("<script>x</script>", [Section('"><img src=x>', explained, (("Own words", "<i>a</i>"),))])
    tags: list[str] = []

    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.append(tag)
            assert not any(name.startswith("on") for name, _ in attrs)
            assert all((value or "").startswith(("data:", "#")) for name, value in attrs if name in ("src", "href"))

    Tags().feed(page)
    assert not {"script", "i", "b>", "link", "iframe"} & set(tags)
    assert "Ink &amp; paper" in page
    assert "default-src 'none'" in page


def test_each_value_in_the_page_leads_to_its_mark() -> None:
    page = html_page("a", [Section("a.csv", explain_document(CSV, "a.csv", None))])
    assert set(re.findall(r'href="#(m\d+)"', page)) <= set(re.findall(r'id="(m\d+)"', page))
    assert set(re.findall(r'href="#(r\d+)"', page)) <= set(re.findall(r'id="(r\d+)"', page))


def test_a_mail_is_shown_with_its_own_words_what_it_quotes_and_what_it_carries() -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "ann@site.test", "Pens"
    mail.set_content("Please order 12 boxes of pens.\n\nOn Monday Bob wrote:\n> the old list\n")
    mail.add_attachment(CSV, "text", "csv", filename="list.csv")
    reading, (own, attached) = explain_file(mail.as_bytes(), "a.eml", explain_document)
    assert reading.kind is not None and len(reading.documents) == 1
    texts = dict(own.texts)
    assert "12 boxes" in texts["Own words"]
    assert "old list" in texts["Quoted"]
    assert (attached.title, bool(attached.explained.pages)) == ("list.csv", True)


def test_what_cannot_be_read_has_no_page() -> None:
    assert explain_document(b"\x00\x01", None, None).pages == ()
    assert Explained.from_dict(Explained(Reading()).as_dict()) == Explained(Reading())
