"""A real browser on the real pages: exceptions are cleared from the keyboard, and nobody holds one twice."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from records.tables import CatalogItem, ExceptionItem, Message, Notice, Requisition
from tests.paper_desk import PaperDesk
from tests.web.chromium import CHROMIUM, Screen, browser, screen, served
from tests.web.mails import receive, with_file
from tests.web.site import Site
from web.access import Role

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine")
CONFIRMATION = b"""Our order no.;PO-2026-00099\nPos;Article;Qty;Price\n1;HG-7;10;8,00\n"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@pytest.fixture
def agnes(chromium: Browser, site: Site) -> Iterator[Screen]:
    with served(site):
        context = chromium.new_context(viewport={"width": 1440, "height": 900})
        yield screen(context, site, site.user("agnes@desk.example", [Role.AGENT]))
        context.close()


def state(paper: PaperDesk, number: int) -> tuple[str, str | None]:
    with paper.rows() as session:
        item = session.get_one(ExceptionItem, number)
        return item.state, item.resolution


def cleared(agnes: Screen) -> None:
    """Wait until the page says that something was done."""
    expect(agnes.page.locator("[role=status]")).to_be_visible()


def ten_exceptions(paper: PaperDesk) -> None:
    """Let ten mails wait, each for another reason or another answer."""
    ada = paper.person("ada")
    paper.receive(ada, "No cost centre", "Please order 2 boxes of nitrile gloves, size M.")
    paper.receive(ada, "Off catalog", "Please order 3 swivel chairs, cost centre 4711.")
    paper.receive("info@else.example", "Who is this", "Good morning, please see below.")
    paper.receive("ad@else.example", "Buy now", "A great offer.")
    paper.receive(ada, "What", "Does anyone know about the coffee machine?")
    paper.receive(paper.glover, "Order confirmation", "We confirm your order PO-2026-00099.")
    paper.receive("x@else.example", "Hand me on", "To whom it may concern.")
    paper.receive("y@else.example", "Ask me", "It is about the thing.")
    paper.receive("z@else.example", "Again", "Once more.")
    raw = paper.mail(paper.glover, "Confirmation", "See attachment.")
    receive(paper, with_file(raw, CONFIRMATION, "text/csv", "confirmation.csv"))


def test_an_agent_clears_ten_different_exceptions_without_a_mouse(agnes: Screen, paper: PaperDesk) -> None:
    ten_exceptions(paper)
    with paper.rows() as session:
        numbers = {_subject(session, item): item.id for item in paper.held(session)}
    assert len(numbers) == 10

    def take(name: str) -> int:
        agnes.go(f"/o/north/exceptions/{numbers[name]}")
        agnes.keys("t")
        expect(agnes.page.get_by_text("yours until")).to_be_visible()
        return numbers[name]

    first = take("No cost centre")  # a value is put in
    agnes.keys("f", "4711", "Control+Enter")
    cleared(agnes)
    assert state(paper, first) == ("resolved", "corrected /cost_center")

    second = take("Off catalog")  # a problem is waived
    agnes.keys("w", "agreed with the buyer", "Enter")
    cleared(agnes)
    assert state(paper, second) == ("resolved", "waived UNKNOWN_ITEM: agreed with the buyer")

    third = take("Who is this")  # whose address it is
    agnes.keys("f", "Control+A", paper.glover, "Control+Enter")
    cleared(agnes)
    assert state(paper, third) == ("resolved", "corrected /sender")

    fourth = take("Buy now")  # nothing is done, undone, and done again
    agnes.keys("d", "advertising", "Enter")
    cleared(agnes)
    agnes.keys("u")
    expect(agnes.page.get_by_role("heading", name="Buy now").first).to_be_visible()
    assert state(paper, fourth)[0] == "to_review"
    agnes.keys("t")
    expect(agnes.page.get_by_text("yours until")).to_be_visible()
    agnes.keys("d", "advertising", "Enter")
    cleared(agnes)
    assert state(paper, fourth) == ("resolved", "corrected /handled")

    fifth = take("What")  # what kind of mail it is
    agnes.page.locator("[data-at='/kind']").focus()
    agnes.keys("requisition", "Control+Enter")
    cleared(agnes)
    assert state(paper, fifth) == ("resolved", "corrected /kind")

    sixth = take("Order confirmation")  # which order it answers
    agnes.page.locator("[data-at='/order_numbers']").focus()
    agnes.keys("Control+A", "Backspace", "Control+Enter")
    cleared(agnes)
    assert state(paper, sixth) == ("resolved", "corrected /order_numbers")

    seventh = take("Hand me on")  # somebody else sees to it
    agnes.keys("h")
    agnes.page.keyboard.press("Tab")
    agnes.keys("the buyer knows them", "Enter")
    cleared(agnes)
    with paper.rows() as session:
        assert session.get_one(ExceptionItem, seventh).owner == "buyer"

    eighth = take("Ask me")  # the sender is asked
    agnes.keys("a", "Which thing do you mean?", "Tab", "Enter")
    cleared(agnes)
    assert state(paper, eighth)[0] == "postponed"
    with paper.rows() as session:
        notice = session.scalars(select(Notice).where(Notice.kind == "desk_question")).one()
        assert (notice.recipient, notice.details["words"]) == ("y@else.example", "Which thing do you mean?")

    ninth = take("Again")  # the step runs again
    agnes.keys("r", "somebody added the address", "Enter")
    cleared(agnes)
    assert state(paper, ninth) == ("resolved", "somebody added the address")

    agnes.go(f"/o/north/exceptions/{numbers['Confirmation']}")  # given back, and taken as the most urgent
    agnes.keys("t")
    expect(agnes.page.get_by_text("yours until")).to_be_visible()
    agnes.keys("b")
    expect(agnes.page.get_by_role("heading", name="Exceptions")).to_be_visible()
    assert state(paper, numbers["Confirmation"])[0] == "to_review"
    assert (agnes.errors, agnes.elsewhere) == ([], [])


def test_next_takes_the_most_urgent_and_the_keys_are_shown(agnes: Screen, paper: PaperDesk) -> None:
    paper.receive("b@else.example", "Second", "Hello?")
    paper.receive("c@else.example", "Third", "Hello?")
    agnes.go("/o/north/exceptions")
    agnes.keys("?")
    expect(agnes.page.get_by_role("dialog")).to_contain_text("take the most urgent exception")
    agnes.keys("Escape", "n")
    expect(agnes.page.get_by_role("heading", name="Second").first).to_be_visible()
    agnes.keys("q")
    expect(agnes.page.get_by_role("heading", name="Exceptions", exact=True)).to_be_visible()
    agnes.keys("j", "Enter")
    expect(agnes.page.get_by_text("yours until")).to_be_visible()


def test_a_candidate_is_one_key_away_and_a_wrong_value_is_told_at_once(agnes: Screen, paper: PaperDesk) -> None:
    with paper.rows() as session:
        item = session.scalars(select(CatalogItem).where(CatalogItem.item_number == "P-200")).one()
        assert item.description.startswith("Copy paper")
    paper.receive(paper.person("ada"), "Paper", "Please order 2 boxes of paper, cost centre 4711.")
    agnes.go("/o/north/exceptions/1")
    agnes.keys("t")
    expect(agnes.page.get_by_text("yours until")).to_be_visible()
    agnes.keys("1")
    field = agnes.page.locator("[data-at='/lines/0/item_number']")
    expect(field).to_have_value("P-200")
    agnes.page.locator("[data-at='/needed_by']").focus()
    agnes.keys("next week", "Tab")
    expect(agnes.page.get_by_text("needed_by must be a date")).to_be_visible()


def test_a_value_lights_up_on_the_page_and_a_clicked_word_fills_the_field(agnes: Screen, paper: PaperDesk) -> None:
    raw = paper.mail(paper.glover, "Confirmation", "See attachment.")
    receive(paper, with_file(raw, CONFIRMATION, "text/csv", "confirmation.csv"))
    agnes.go("/o/north/exceptions/1")
    agnes.keys("t")
    expect(agnes.page.locator("[data-word='HG-7']")).to_be_attached(timeout=60_000)
    agnes.page.locator("[data-at='/lines/0/quantity']").focus()
    expect(agnes.page.locator("rect.spot.lit")).not_to_have_count(0)
    agnes.page.locator("[data-at='/number']").focus()
    agnes.page.locator("[data-word='HG-7']").click()
    expect(agnes.page.locator("[data-at='/number']")).to_have_value("HG-7")
    expect(agnes.page.locator("[data-at='/number']")).to_be_focused()
    assert (agnes.errors, agnes.elsewhere) == ([], [])


def test_two_agents_cannot_hold_one_exception(agnes: Screen, chromium: Browser, site: Site, paper: PaperDesk) -> None:
    paper.receive("b@else.example", "Only one", "Hello?")
    context = chromium.new_context()
    bert = screen(context, site, site.user("bert@desk.example", [Role.AGENT]))
    for one in (agnes, bert):
        one.go("/o/north/exceptions/1")
    agnes.keys("t")
    expect(agnes.page.get_by_text("yours until")).to_be_visible()
    bert.page.get_by_role("button", name="Take").click()  # his page is older than her lease
    expect(bert.page.get_by_role("alert")).to_contain_text("agnes@desk.example works on this")
    bert.go("/o/north/exceptions/1")
    bert.page.get_by_role("button", name="Take over").click()
    expect(bert.page.get_by_text("yours until")).to_be_visible()
    agnes.keys("d", "advertising", "Enter")
    expect(agnes.page.get_by_role("alert")).to_contain_text("bert@desk.example has taken this over")
    assert state(paper, 1)[0] == "reviewing"
    context.close()


def test_the_essentials_work_without_scripts(chromium: Browser, site: Site, paper: PaperDesk) -> None:
    paper.receive(paper.person("ada"), "Gloves", "Please order 2 boxes of nitrile gloves, size M.")
    with served(site):
        context = chromium.new_context(java_script_enabled=False)
        plain = screen(context, site, site.user("agnes@desk.example", [Role.AGENT]))
        plain.go("/o/north/exceptions?postponed=true")  # its requester was asked already
        plain.page.get_by_role("link", name="R-00001").click()
        plain.page.get_by_role("button", name="Take").click()
        plain.page.get_by_label("Cost centre").fill("4711")
        plain.page.get_by_role("button", name="Save and go on").first.click()
        expect(plain.page.get_by_role("status")).to_contain_text("corrected /cost_center")
        context.close()


def _subject(session: object, item: ExceptionItem) -> str:
    if item.subject_table == "message":
        return session.get_one(Message, item.subject_id).subject or ""  # type: ignore[attr-defined]
    row = session.get_one(Requisition, item.subject_id)  # type: ignore[attr-defined]
    return session.get_one(Message, row.message_id).subject or ""  # type: ignore[attr-defined]
