"""The pages beside the queue: what they show, what their forms do, and what they refuse."""

import re

import pytest
from sqlalchemy import func, select

from procurement.steps.supplier_link import new_link
from records.tables import Approval, BankChange, Message, Notice, OrderResponse, Outbound, Supplier
from scheduler.pipeline import MOVES, World, pipeline
from scheduler.runner import Runner
from tests.paper_desk import PaperDesk, read_at_once
from tests.web.bills import an_invoice
from tests.web.site import Browser, Site
from web.access import Role
from web.routes.lists import SHELVES
from web.routes.probes import metrics_token

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture
def desk(paper: PaperDesk) -> PaperDesk:
    paper.order_gloves()
    paper.receive("stranger@elsewhere.example", HOSTILE, "Please order 3 chairs.")
    return paper


@pytest.fixture
def buyer(desk: PaperDesk, site: Site) -> Browser:
    return site.signed_in(site.user("bea@desk.example", [Role.BUYER, Role.SUPERVISOR]))


def stands(desk: PaperDesk) -> tuple[str, str, bool]:
    """Return the state and the acknowledgement of the order, and whether it is on hold."""
    with desk.rows() as session:
        order = desk.orders(session)[-1]
        return order.state, order.acknowledgement, order.on_hold


@pytest.mark.parametrize("shelf", SHELVES)
def test_every_list_opens_searches_and_is_empty_where_nothing_fits(buyer: Browser, shelf: str) -> None:
    assert "<tbody>" in buyer.open(f"/o/north/list/{shelf}")
    assert "Nothing fits." in buyer.open(f"/o/north/list/{shelf}?search=zzzznothing")


def test_a_list_of_states_refuses_a_state_that_does_not_exist(buyer: Browser) -> None:
    answer = buyer.get("/o/north/list/orders?state=lost")
    assert answer.status_code == 422
    assert "There is no state lost" in answer.text


@pytest.mark.parametrize("path", ["messages/1", "requisitions/1", "orders/1", "suppliers/1", "operations", "lessons"])
def test_every_detail_opens(buyer: Browser, path: str) -> None:
    assert "<h1>" in buyer.open(f"/o/north/{path}")


def test_what_an_outsider_wrote_is_text_on_every_page(desk: PaperDesk, buyer: Browser) -> None:
    with desk.rows() as session:
        session.get_one(Supplier, 1).name = HOSTILE
        number = session.scalars(select(Message.id).where(Message.subject == HOSTILE)).one()
    for path in (f"messages/{number}", "list/messages", "list/suppliers", "suppliers/1", "list/orders", "reports"):
        text = buyer.open(f"/o/north/{path}")
        assert "<script>alert" not in text and "<img src=x" not in text, path


def test_the_pdf_of_an_order_is_the_one_that_was_sent(desk: PaperDesk, buyer: Browser) -> None:
    answer = buyer.get("/o/north/orders/1/pdf/1")
    assert answer.content.startswith(b"%PDF") and answer.headers["content-type"] == "application/pdf"
    assert buyer.get("/o/north/orders/1/pdf/9").status_code == 404


def test_a_buyer_holds_and_releases_an_order_and_must_say_why(desk: PaperDesk, buyer: Browser) -> None:
    assert buyer.post("/o/north/orders/1/act", what="hold").status_code == 422
    assert buyer.post("/o/north/orders/1/act", what="hold", reason="price is odd").status_code == 303
    assert stands(desk) == ("issued", "awaiting", True)
    assert "on hold: price is odd" in buyer.open("/o/north/orders/1")
    buyer.post("/o/north/orders/1/act", what="release", reason="it was right")
    assert stands(desk) == ("issued", "awaiting", False)


def test_a_form_without_a_choice_or_with_a_wrong_figure_changes_nothing(desk: PaperDesk, buyer: Browser) -> None:
    for path, form in (
        ("orders/1/act", {}),
        ("orders/1/change", {}),
        ("orders/1/change", {"line": "1", "quantity": "many", "reason": "x"}),
        ("orders/1/act", {"what": "close", "lines": "one", "reason": "x"}),
    ):
        assert buyer.post(f"/o/north/{path}", **form).status_code == 422, path
    assert stands(desk) == ("issued", "awaiting", False)


def test_a_supplier_s_change_is_accepted_by_the_buyer_on_the_order_s_page(desk: PaperDesk, buyer: Browser) -> None:
    desk.reply(desk.glover, desk.outbox(desk.glover)[-1], "We accept, but the price is now 9.10 EUR each.")
    text = buyer.open("/o/north/orders/1")
    assert "waits for a decision" in text
    (response,) = re.findall(r"/orders/1/answers/(\d+)", text)[:1]
    answer = buyer.post(f"/o/north/orders/1/answers/{response}", what="accept", reason="we can wait")
    assert answer.status_code == 303
    desk.work()
    with desk.rows() as session:
        decided = session.get_one(OrderResponse, int(response)).decisions.values()
    assert [(one["what"], one["by"]) for one in decided] == [("accepted", "bea@desk.example")]


@pytest.fixture
def asked(paper: PaperDesk) -> PaperDesk:
    """Return a desk on which Olga is asked to approve gloves."""
    paper.ask_for_gloves()
    return paper


def state_of_approval(desk: PaperDesk) -> str:
    with desk.rows() as session:
        state: str = session.scalars(select(Approval.state).order_by(Approval.id.desc()).limit(1)).one()
        return state


def test_an_approver_decides_by_login(asked: PaperDesk, site: Site) -> None:
    olga = site.signed_in(site.user(asked.person("olga"), [Role.APPROVER]))
    (path,) = re.findall(r'data-row href="(/o/north/approve/\d+)"', olga.open("/o/north/approve"))
    page = olga.open(path)
    revision = re.findall(r'name="revision" value="([^"]+)"', page)[0]
    assert olga.post(path, revision=revision).status_code == 422
    assert olga.post(path, revision="0" * 64, decision="approved").status_code == 422
    assert state_of_approval(asked) == "asked"
    assert olga.post(path, revision=revision, decision="approved").status_code == 303
    assert state_of_approval(asked) == "approved"


def test_an_approver_without_a_second_factor_cannot_decide(asked: PaperDesk, site: Site) -> None:
    olga = site.signed_in(site.user(asked.person("olga"), [Role.APPROVER]), proven=False)
    assert olga.get("/o/north/approve").headers["location"] == "/account/second-factor"


def token_of(desk: PaperDesk) -> str:
    return str(re.findall(r"\[#([A-Z2-7]{26})\]", desk.outbox(desk.person("olga"))[-1].subject)[0])


def test_an_approver_decides_by_link_only_with_the_code_that_was_mailed(asked: PaperDesk, site: Site) -> None:
    path, browser = f"/a/{token_of(asked)}", site.browser()
    browser.form_mark(path)
    revision = re.findall(r'name="revision" value="([^"]+)"', browser.open(path))[0]
    assert browser.post(path, revision=revision).status_code == 422
    with asked.rows() as session:
        assert session.scalar(select(func.count()).where(Notice.kind == "approval_code")) == 0
    assert "on its way" in browser.post(path, revision=revision, decision="approved").text
    asked.work()
    code = re.findall(r"\b(\d{6})\b", str(asked.outbox(asked.person("olga"))[-1].leaves[0].text))[0]
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    assert "wrong" in browser.post(path, revision=revision, decision="approved", code=wrong).text
    assert state_of_approval(asked) == "asked"
    assert "recorded" in browser.post(path, revision=revision, decision="approved", code=code).text
    assert state_of_approval(asked) == "approved"


def test_a_link_that_was_made_up_opens_nothing(asked: PaperDesk, site: Site) -> None:
    browser = site.browser()
    for path in ("/a/" + "A" * 26, "/s/" + "A" * 26, "/s/x/pdf"):
        assert browser.get(path).status_code == 404


def test_a_supplier_answers_on_his_page_and_looking_or_sending_it_empty_answers_nothing(
    desk: PaperDesk, site: Site
) -> None:
    with desk.rows() as session:
        token = new_link(session, desk.orders(session)[0], desk.clock.now)
    browser, path = site.browser(), f"/s/{token}"
    browser.form_mark(path)
    assert browser.get(f"{path}/pdf").content.startswith(b"%PDF")
    assert browser.post(path).status_code == 422
    assert browser.post(path, name="Gus").status_code == 422
    with desk.rows() as session:
        assert session.scalar(select(func.count()).select_from(OrderResponse)) == 0
    refused = browser.post(path, name="Gus", **{"status-1": "changed", "price-1": "1,250"})
    assert (refused.status_code, "with a point" in refused.text) == (422, True)
    assert "has reached us" in browser.post(path, name="Gus", all="accept_all").text
    desk.work()
    assert stands(desk)[1] == "accepted"


def test_bank_details_are_proposed_by_one_and_confirmed_by_another(desk: PaperDesk, site: Site, buyer: Browser) -> None:
    other = site.signed_in(site.user("ben@desk.example", [Role.BUYER]))
    path = "/o/north/suppliers/1/bank"
    assert buyer.post(path, accounts="DE89370400440532013000", reason="told by phone").status_code == 303
    with desk.rows() as session:
        change = session.scalars(select(BankChange.id)).one()
    assert buyer.post(f"{path}/{change}", act="confirm", reason="sure").status_code == 422
    assert "DE89370400440532013000" not in other.open("/o/north/suppliers/1")
    assert other.post(f"{path}/{change}", act="confirm", reason="called back").status_code == 303
    with desk.rows() as session:
        assert session.get_one(BankChange, change).state == "confirmed"


def test_an_operator_settles_a_mail_of_unknown_fate(desk: PaperDesk, buyer: Browser) -> None:
    with desk.rows() as session:
        mail = session.scalars(select(Outbound).where(Outbound.kind == "order")).one()
        mail.state, number = "uncertain", mail.id
    assert "uncertain" in buyer.open("/o/north/operations")
    assert buyer.post(f"/o/north/operations/mails/{number}").status_code == 422
    assert buyer.post(f"/o/north/operations/mails/{number}", what="arrived").status_code == 303
    with desk.rows() as session:
        assert session.get_one(Outbound, number).state == "sent"


def test_reports_draw_and_give_their_figures_as_files(buyer: Browser) -> None:
    assert 'class="chart"' in buyer.open("/o/north/reports")
    for form in ("csv", "xlsx"):
        answer = buyer.get(f"/o/north/reports/spend-supplier/file/{form}")
        assert "attachment" in answer.headers["content-disposition"]
    assert buyer.get("/o/north/reports/gossip").status_code == 404
    assert buyer.get("/o/north/reports/volumes?first=tomorrow").status_code == 422


def test_probes_answer_and_metrics_are_for_who_is_here_or_has_the_token(desk: PaperDesk, site: Site) -> None:
    browser = site.browser()
    assert browser.get("/healthz").text == "ok\n"
    assert browser.get("/readyz").text == "ready\n"
    assert "buydesk_queue_depth" in browser.get("/metrics").text
    forwarded = {"x-forwarded-for": "10.0.0.9"}
    assert browser.get("/metrics", headers=forwarded).status_code == 404
    token = {"authorization": f"Bearer {metrics_token(site.place.key)}"}
    assert browser.get("/metrics", headers=forwarded | token).status_code == 200


def test_mails_link_to_the_pages_where_the_web_has_an_address(paper: PaperDesk, site: Site) -> None:
    world = World(paper.blobs, read_at_once, clock=paper.clock, web_url="https://desk.example")
    paper.runner = Runner(paper.database, pipeline(world), MOVES, clock=paper.clock)
    mail = paper.order_gloves()
    for raw, kind in ((mail, "s"), (paper.outbox(paper.person("olga"))[0], "a")):
        text = " ".join(str(leaf.text) for leaf in raw.leaves)
        (token,) = set(re.findall(rf"https://desk\.example/{kind}/([A-Z2-7]{{26}})", text))
        assert site.browser().get(f"/{kind}/{token}").status_code in (200, 404 if kind == "a" else 200)
    assert "https" not in str(paper.outbox(paper.person("ada"))[0].leaves[0].text)


def test_an_invoice_shows_what_differs_and_is_rejected_with_a_reason(desk: PaperDesk, buyer: Browser) -> None:
    with desk.rows() as session:
        session.add(an_invoice(session, desk))
    assert "B-77" in buyer.open("/o/north/invoices")
    text = buyer.open("/o/north/invoices/1")
    assert "8.00 → 9.10" in text and "<b>Gloves" not in text
    assert buyer.post("/o/north/invoices/1/act", what="reject").status_code == 422
    assert buyer.post("/o/north/invoices/1/act", what="reject", reason="not ours").status_code == 303
    assert "rejected" in buyer.open("/o/north/invoices/1")


POLICY = """version = "9"
valid_from = 2026-01-01

[[rule]]
name = "all"

[[rule.step]]
who = ["owner"]
"""


def test_the_policy_is_shown_with_its_proof_and_another_one_is_tried_without_changing_it(
    desk: PaperDesk, buyer: Browser
) -> None:
    shown = buyer.open("/o/north/policy")
    assert "[[rule]]" in shown
    tried = buyer.post("/o/north/policy/try", text=POLICY)
    assert (tried.status_code, "of 1 requests" in tried.text) == (200, True)
    broken = buyer.post("/o/north/policy/try", text="version = ")
    assert (broken.status_code, "the file is not TOML" in broken.text) == (422, True)
    assert buyer.open("/o/north/policy") == shown


def test_no_page_shows_the_token_with_which_an_approver_decides(asked: PaperDesk, site: Site) -> None:
    token = token_of(asked)
    asked.receive(asked.person("olga"), f"Re: R-00001 [#{token}]", "What is it for?")
    buyer = site.signed_in(site.user("bea@desk.example", [Role.BUYER, Role.SUPERVISOR]))
    pages = ["requisitions/1", "list/messages", "messages/1", "messages/2", "operations", "exceptions"]
    shown = " ".join(buyer.open(f"/o/north/{path}") for path in pages)
    assert token not in shown and "[#…]" in shown


def test_previews_show_each_email_framed_so_that_it_runs_and_loads_nothing(desk: PaperDesk, buyer: Browser) -> None:
    assert "Purchase order PO-2026-00007" in buyer.open("/o/north/previews")
    assert "Bestellung" in buyer.open("/o/north/previews?name=order_reminder&language=de")
    framed = buyer.get("/o/north/previews/order/de/html")
    assert "sandbox" in framed.headers["content-security-policy"]
    assert buyer.get("/o/north/previews/order/fr/pdf").content.startswith(b"%PDF")
    assert buyer.get("/o/north/previews?name=..%2Forder").status_code == 404
