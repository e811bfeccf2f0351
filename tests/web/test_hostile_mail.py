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


def write(paper: PaperDesk, payload: str) -> None:
    """Put a payload wherever an outsider could write: subject, name, words, layout, a file's name, a supplier."""
    raw = with_html(paper.mail(paper.glover, "Confirmation", payload), f"<p>Before</p>{payload}<p>After</p>")
    name = paper.blobs.put(raw)
    with paper.rows() as session:
        message = session.scalars(select(Message)).one()
        message.raw_sha256, message.subject, message.sender_name, message.sender_address = (
            name,
            payload,
            payload,
            payload,
        )
        message.reading = {**(message.reading or {}), "supplier_name": payload, "order_numbers": [payload]}
        item = session.scalars(select(ExceptionItem)).one()
        item.problems = [{"code": "NO_ORDER_MATCH", "detail": payload, "at": "/order_numbers"}]
        item.resolution = payload
        session.scalars(select(Document)).one().name = payload
        session.scalars(select(Supplier).where(Supplier.code == "GLOVE")).one().name = payload


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
        for payload in PAYLOADS:
            write(paper, payload)
            look(agnes, held)
            assert agnes.page.evaluate("window.hacked") == 0, payload
            assert (agnes.errors, agnes.elsewhere, complaints) == ([], [], []), payload
        context.close()


def look(agnes: Screen, held: int) -> None:
    """Look at the queue, the exception and the layout of its mail, both in its frame and alone."""
    agnes.go("/o/north/exceptions")
    assert agnes.page.evaluate("window.hacked") == 0
    agnes.go(f"/o/north/exceptions/{held}")
    agnes.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert agnes.page.url.endswith(f"/exceptions/{held}")
    assert agnes.page.evaluate("window.hacked") == 0
    agnes.go(f"/o/north/exceptions/{held}/mail")
    assert agnes.page.url.endswith("/mail")


def _is_attempt(told: ConsoleMessage) -> bool:
    return any(words in told.text for words in ("Content Security Policy", "Blocked script", "Refused to"))
