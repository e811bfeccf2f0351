"""Programs that open every link of every mail, and send every form they find as it is, change nothing."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from sqlalchemy import select

from records.tables import Base, Outbound
from scheduler.pipeline import MOVES, World, pipeline
from scheduler.runner import Runner
from tests.paper_desk import PaperDesk, read_at_once
from tests.web.site import URL, Browser, Site

LINK = re.compile(rf"{URL}[^\s<>\"']*")
SIGNING_IN = {"login_failure"}  # a form to sign in that is sent empty counts as a try, and nothing else


class Forms(HTMLParser):
    """The forms of a page as they came: where each goes, and its fields as they were filled in for the reader."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, dict[str, str]]] = []
        self.links: list[str] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((told.get("action", ""), told.get("method", "get").lower(), {}))
        elif tag == "a" and told.get("href", "").startswith("/"):
            self.links.append(told["href"])
        elif self.found and told.get("name") and tag in ("input", "textarea", "button"):
            is_choice = told.get("type") in ("radio", "checkbox")
            if not is_choice or "checked" in told:
                self.found[-1][2].setdefault(told["name"], told.get("value", ""))
        elif tag == "select":
            self._select = told.get("name", "")
        elif tag == "option" and self._select and self.found and self._is_chosen(told):
            self.found[-1][2][self._select] = told.get("value", "")

    def _is_chosen(self, told: dict[str, str]) -> bool:
        return "selected" in told or self._select not in self.found[-1][2]


@pytest.fixture
def mailed(paper: PaperDesk, site: Site) -> PaperDesk:
    """Return a desk that has mailed links: to an approver who did not decide yet, and to a supplier."""
    world = World(paper.blobs, read_at_once, clock=paper.clock, web_url=URL)
    paper.runner = Runner(paper.database, pipeline(world), MOVES, clock=paper.clock)
    paper.order_gloves()
    paper.ask_for_gloves(11)
    return paper


def links_of(desk: PaperDesk) -> set[str]:
    with desk.rows() as session:
        recipients = set(session.scalars(select(Outbound.recipient)))
    mails = [mail for one in recipients for mail in desk.outbox(one)]
    texts = [str(leaf.text) for mail in mails for leaf in mail.leaves if leaf.text]
    return {link.removeprefix(URL).rstrip(".,)") for text in texts for link in LINK.findall(text)}


def everything(desk: PaperDesk) -> dict[str, list[str]]:
    """Return every row of every table, to be compared."""
    with desk.rows() as session:
        tables = [table for table in Base.metadata.sorted_tables if table.name not in SIGNING_IN]
        return {table.name: sorted(map(repr, session.execute(select(table)).all())) for table in tables}


def reached(browser: Browser, start: set[str]) -> Iterator[tuple[str, Forms]]:
    """Yield every page that can be reached from ``start`` without signing in, and its forms."""
    seen: set[str] = set()
    left = sorted(start)
    while left:
        path = left.pop()
        if path in seen:
            continue
        seen.add(path)
        for method in ("HEAD", "OPTIONS"):
            browser.client.request(method, path, follow_redirects=False)
        answer = browser.client.get(path)
        if "text/html" in answer.headers.get("content-type", ""):
            forms = Forms()
            forms.feed(answer.text)
            left += forms.links
            yield path, forms


def test_mails_hold_links_for_approver_and_supplier(mailed: PaperDesk) -> None:
    assert {link[:3] for link in links_of(mailed)} == {"/a/", "/s/"}


def test_opening_every_link_of_every_mail_changes_nothing(mailed: PaperDesk, site: Site) -> None:
    before = everything(mailed)
    pages = [path for path, _ in reached(site.browser(), links_of(mailed))]
    assert len(pages) >= 4
    mailed.work()
    assert everything(mailed) == before


def test_sending_every_form_as_it_came_changes_nothing(mailed: PaperDesk, site: Site) -> None:
    browser, before, sent = site.browser(), everything(mailed), 0
    for path, forms in list(reached(browser, links_of(mailed))):
        for action, method, fields in forms.found:
            for filled in (fields, {name: value for name, value in fields.items() if name == "csrf"}):
                browser.client.request(method, action or path, data=filled if method == "post" else None)
                sent += method == "post"
    assert sent >= 4
    mailed.work()
    assert everything(mailed) == before
