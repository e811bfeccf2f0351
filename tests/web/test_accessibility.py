"""The main pages have no serious fault that axe finds, in light and in dark."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, expect

from tests.paper_desk import PaperDesk
from tests.web.chromium import CHROMIUM, Screen, browser, screen, served
from tests.web.mails import receive, with_file
from tests.web.site import Site
from web.access import Role

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine")
PICTURES = os.environ.get("BUYDESK_PICTURES")  # a folder that screenshots are put into
CSV = b"Our order no.;PO-2026-00099\nPos;Article;Qty;Price\n1;HG-7;10;8,00\n"
PAGES = {
    "login": "/login",
    "account": "/account",
    "queue": "/o/north/exceptions",
    "all": "/exceptions",
    "request": "/o/north/exceptions/1",
    "exception": "/o/north/exceptions/2",
}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@pytest.fixture
def filled(paper: PaperDesk) -> PaperDesk:
    paper.receive(paper.person("ada"), "Gloves", "Please order 5 boxes of nitrile gloves and 3 chairs.")
    raw = paper.mail(paper.glover, "Order confirmation AB-4711", "Please find our confirmation attached.")
    receive(paper, with_file(raw, CSV, "text/csv", "AB-4711.csv"))
    paper.receive("someone@else.example", "Hello", "What is this?")
    return paper


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault_on_the_main_pages(
    chromium: Browser, site: Site, filled: PaperDesk, scheme: Literal["light", "dark"]
) -> None:
    with served(site):
        context = chromium.new_context(color_scheme=scheme, viewport={"width": 1440, "height": 900}, bypass_csp=True)
        agnes = screen(context, site, site.user("agnes@desk.example", [Role.AGENT]))
        for number in (1, 2):
            agnes.go(f"/o/north/exceptions/{number}")
            agnes.keys("t")
            expect(agnes.page.get_by_text("yours until")).to_be_visible()
        expect(agnes.page.locator("figure.sheet")).to_be_visible(timeout=60_000)
        for name, path in PAGES.items():
            agnes.go(path)
            if name == "exception":
                expect(agnes.page.locator("figure.sheet")).to_be_visible(timeout=60_000)
                agnes.page.locator("[data-at='/lines/0/quantity']").focus()
            picture(agnes, f"{name}-{scheme}")
            assert faults(agnes) == [], path
        context.close()


def test_the_queue_and_an_exception_fit_on_a_phone(chromium: Browser, site: Site, filled: PaperDesk) -> None:
    with served(site):
        context = chromium.new_context(viewport={"width": 390, "height": 844}, bypass_csp=True)
        agnes = screen(context, site, site.user("agnes@desk.example", [Role.AGENT]))
        for name in ("queue", "request"):
            agnes.go(PAGES[name])
            picture(agnes, f"{name}-phone")
            assert agnes.page.evaluate("document.documentElement.scrollWidth") <= 390, name
            assert faults(agnes) == [], name
        context.close()


def faults(agnes: Screen) -> list[str]:
    found = Axe().run(agnes.page).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    return [f"{one['id']}: {node['html'][:160]}" for one in serious for node in one["nodes"][:3]]


def picture(agnes: Screen, name: str) -> None:
    if PICTURES:
        agnes.page.screenshot(path=Path(PICTURES) / f"{name}.png")
