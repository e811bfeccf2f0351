"""What outsiders write never runs and never fetches anything: many payloads through a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage
from sqlalchemy import select

from records.tables import Document, ExceptionItem, Message, Supplier
from tests.paper_desk import PaperDesk
from tests.web.chromium import CHROMIUM, Screen, browser, screen, served
from tests.web.mails import receive, with_file, with_html
from tests.web.site import Site
from web.access import Role

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine")
PAYLOADS = (Path(__file__).parent / "payloads.txt").read_text(encoding="utf-8").split("\n")[:-1]
AT_ONCE = 10  # payloads on one page
WATCH = "window.hacked = 0; window.hack = () => { window.hacked += 1; }"


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@pytest.fixture
def held(paper: PaperDesk) -> int:
    """Return the exception of an answer with a layout and a file, from a supplier."""
    raw = paper.mail(paper.glover, "Confirmation", "We confirm your order PO-2026-00099.")
    receive(paper, with_file(with_html(raw, "<p>Hello</p>"), b"a;b\n1;2\n", "text/csv", "a.csv"))
    with paper.rows() as session:
        return session.scalars(select(ExceptionItem.id)).one()


def write(paper: PaperDesk, payloads: list[str]) -> None:
    """Put payloads wherever outsiders could write: subject, names, problems, values, files, a supplier."""
    told = " ".join(payloads)
    with paper.rows() as session:
        message = session.scalars(select(Message)).one()
        message.subject = message.sender_name = message.sender_address = told
        lines = [{"item_number": one, "description": one, "quantity": "1"} for one in payloads]
        message.reading = {"kind": "order_response", "supplier_name": told, "order_numbers": payloads, "lines": lines}
        item = session.scalars(select(ExceptionItem)).one()
        item.problems = [{"code": "NO_ORDER_MATCH", "detail": one, "at": "/order_numbers"} for one in payloads]
        documents = list(session.scalars(select(Document).order_by(Document.id)))
        for number, payload in enumerate(payloads):
            if number < len(documents):
                documents[number].name = payload
            else:
                session.add(_like(documents[0], number, payload))
        session.scalars(select(Supplier).where(Supplier.code == "GLOVE")).one().name = told


def write_body(paper: PaperDesk, payload: str) -> None:
    """Let the mail be one whose words and layout are a payload."""
    raw = with_html(paper.mail(paper.glover, "Confirmation", payload), f"<p>Before</p>{payload}<p>After</p>")
    name = paper.blobs.put(raw)
    with paper.rows() as session:
        session.scalars(select(Message)).one().raw_sha256 = name


def test_no_payload_runs_or_reaches_another_site(chromium: Browser, site: Site, paper: PaperDesk, held: int) -> None:
    assert len(PAYLOADS) >= 100
    complaints: list[str] = []
    with served(site):
        context = chromium.new_context()
        context.add_init_script(WATCH)
        agnes = screen(context, site, site.user("agnes@desk.example", [Role.AGENT]))
        agnes.page.on("console", lambda told: complaints.append(told.text) if _is_attempt(told) else None)
        agnes.go(f"/o/north/exceptions/{held}")
        agnes.page.get_by_role("button", name="Take").click()
        for first in range(0, len(PAYLOADS), AT_ONCE):
            payloads = PAYLOADS[first : first + AT_ONCE]
            write(paper, payloads)
            look(agnes, f"/o/north/exceptions?done={held}", payloads)
            look(agnes, f"/o/north/exceptions/{held}", payloads)
            assert (agnes.errors, agnes.elsewhere, complaints) == ([], [], []), payloads
        for payload in PAYLOADS:
            write_body(paper, payload)
            look(agnes, f"/o/north/exceptions/{held}/mail", payload)
            assert (agnes.errors, agnes.elsewhere, complaints) == ([], [], []), payload
        look(agnes, f"/o/north/exceptions/{held}", PAYLOADS[-1])
        context.close()


def look(agnes: Screen, path: str, payload: object) -> None:
    """Look at a page with everything on it unfolded: nothing has run, and the browser is still there."""
    agnes.page.goto(agnes.url + path, wait_until="load")
    agnes.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert agnes.page.evaluate("window.hacked") == 0, payload
    assert agnes.page.url == agnes.url + path, payload


def _like(document: Document, part: int, name: str) -> Document:
    return Document(
        organisation_id=document.organisation_id,
        message_id=document.message_id,
        part=100 + part,
        name=name,
        media_type="text/csv",
        size=document.size,
        sha256=document.sha256,
    )


def _is_attempt(told: ConsoleMessage) -> bool:
    return any(words in told.text for words in ("Content Security Policy", "Blocked script", "Refused to"))
