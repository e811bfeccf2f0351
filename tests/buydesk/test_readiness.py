"""The readiness report at the command line: on the terminal, as JSON, as a page and as a PDF."""

from pathlib import Path

import pypdfium2

from records.base import utc_now
from records.database import Database
from records.tables import Mailbox, Message, Organisation
from tests.buydesk.terminal import Terminal


def _old_mail(database: Database, *mails: tuple[str, dict[str, object]]) -> None:
    with database.session() as session:
        owner = session.query(Organisation).one().id
        box = Mailbox(organisation_id=owner, name="import", state="imported", due_at=None)
        session.add(box)
        session.flush()
        for number, (sender, reading) in enumerate(mails):
            row = Message(organisation_id=owner, mailbox_id=box.id, raw_sha256=str(number), size=1, state="filed")
            row.received_at, row.due_at, row.sender_address, row.reading = utc_now(), None, sender, reading
            session.add(row)


def test_the_report_says_what_is_missing_and_what_to_do(terminal: Terminal, acme: Path, home: Path) -> None:
    terminal("org", "load", acme)
    database = Database(f"sqlite:///{home / 'buydesk.db'}")
    line = {"description": "something that no catalog has"}
    _old_mail(
        database,
        ("a@elsewhere.example", {"kind": "invoice"}),
        ("b@elsewhere.example", {"kind": "order_response", "order_numbers": ["4"]}),
        ("c@acme.example", {"kind": "requisition", "lines": [line]}),
    )
    ran = terminal("readiness")
    assert ran.code in (0, 1) and ran.err == ""
    assert "Buying as it was" in ran.out and "1 of 2 documents of suppliers (50 %) name no order." in ran.out
    assert "elsewhere.example (2)" in ran.out and "→" in ran.out
    told = terminal("readiness", "--json").json
    assert told["verdict"] in ("to_do", "blocked") and len(told["sections"]) == 7


def test_the_report_is_a_page_and_a_pdf_that_stand_on_their_own(terminal: Terminal, acme: Path, tmp_path: Path) -> None:
    terminal("org", "load", acme)
    page, paper = tmp_path / "report.html", tmp_path / "report.pdf"
    terminal("readiness", "--html", page, "--pdf", paper)
    text = page.read_text(encoding="utf-8")
    assert "<h1" in text and "Approval policy" in text and "http" not in text and "<script" not in text
    document = pypdfium2.PdfDocument(paper)
    printed = " ".join(document[0].get_textpage().get_text_bounded().split())
    assert "readiness for the purchasing desk" in printed and "Suppliers" in printed


def test_an_organisation_that_was_never_loaded_is_refused(terminal: Terminal) -> None:
    assert "buydesk org load DIR" in terminal("readiness").sentence
