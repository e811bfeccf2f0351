"""A real browser as wide as a phone: an approver decides, by login and by link; a supplier answers his order."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from sqlalchemy import select

from procurement.steps.supplier_link import new_link
from records.tables import Approval
from tests.paper_desk import PaperDesk
from tests.web.chromium import CHROMIUM, browser, screen, served
from tests.web.site import Site
from web.access import Role

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine")
PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


def picture(page: Page, name: str) -> None:
    """Keep a picture of the page where ``BUYDESK_PICTURES`` names a folder."""
    if folder := os.environ.get("BUYDESK_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def fits(page: Page) -> bool:
    """Return whether nothing of the page is wider than the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def decided(paper: PaperDesk) -> str:
    with paper.rows() as session:
        state: str = session.scalars(select(Approval.state).order_by(Approval.id.desc()).limit(1)).one()
        return state


def test_an_approver_decides_on_a_phone(chromium: Browser, site: Site, paper: PaperDesk) -> None:
    paper.ask_for_gloves()
    with served(site):
        context = chromium.new_context(viewport=PHONE)
        olga = screen(context, site, site.user(paper.person("olga"), [Role.APPROVER]))
        olga.go("/o/north/approve")
        olga.page.get_by_role("link", name="R-00001").click()
        assert fits(olga.page)
        picture(olga.page, "approve-phone")
        olga.page.get_by_role("button", name="Decide").click()
        expect(olga.page.get_by_label("Approve")).to_be_visible()  # nothing was chosen: the browser stays
        assert decided(paper) == "asked"
        olga.page.get_by_label("Approve").check()
        olga.page.get_by_role("button", name="Decide").click()
        expect(olga.page.get_by_text("Nothing waits for you.")).to_be_visible()
        assert (decided(paper), olga.errors, olga.elsewhere) == ("approved", [], [])
        context.close()


def test_an_approver_decides_by_link_and_code_on_a_phone(chromium: Browser, site: Site, paper: PaperDesk) -> None:
    paper.ask_for_gloves()
    token = re.findall(r"\[#([A-Z2-7]{26})\]", paper.outbox(paper.person("olga"))[-1].subject)[0]
    with served(site) as url:
        context = chromium.new_context(viewport=PHONE)
        page = context.new_page()
        page.goto(f"{url}/a/{token}")
        page.get_by_role("radio", name="Reject").check()
        page.get_by_label("Your words").fill("Not this month.")
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_text("on its way")).to_be_visible()
        paper.work()
        code = re.findall(r"\b(\d{6})\b", str(paper.outbox(paper.person("olga"))[-1].leaves[0].text))[0]
        page.get_by_label("The code from your mail").fill(code)
        page.get_by_role("button", name="Decide").click()
        expect(page.get_by_text("Your decision was recorded.")).to_be_visible()
        assert decided(paper) == "rejected"
        context.close()


def test_a_supplier_answers_his_order_on_a_phone(chromium: Browser, site: Site, paper: PaperDesk) -> None:
    paper.order_gloves()
    with paper.rows() as session:
        token = new_link(session, paper.orders(session)[0], paper.clock.now)
    with served(site) as url:
        context = chromium.new_context(viewport=PHONE)
        page = context.new_page()
        page.goto(f"{url}/s/{token}")
        assert fits(page)
        picture(page, "supplier-phone")
        page.get_by_label("Answer to line 1").select_option("changed")
        page.get_by_label("Price", exact=True).fill("9.10")
        page.get_by_label("Your name").fill("Gus Glover")
        page.get_by_role("button", name="Send the answer").click()
        expect(page.get_by_text("Your answer has reached us.")).to_be_visible()
        paper.work()
        assert "RESPONSE_OUT_OF_TOLERANCE" in paper.codes()
        context.close()


def test_a_buyer_sees_orders_and_reports_on_a_desk(chromium: Browser, site: Site, paper: PaperDesk) -> None:
    paper.reply(paper.glover, paper.order_gloves(), "We accept your order as it is.")
    with served(site):
        context = chromium.new_context(viewport={"width": 1440, "height": 900})
        bea = screen(context, site, site.user("bea@desk.example", [Role.BUYER, Role.SUPERVISOR]))
        for path, name in (("orders/1", "order-light"), ("reports", "reports-light"), ("policy", "policy-light")):
            bea.go(f"/o/north/{path}")
            assert fits(bea.page), path
            picture(bea.page, name)
        assert (bea.errors, bea.elsewhere) == ([], [])
        context.close()
