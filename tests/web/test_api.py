"""The API: who gets in, what it answers, that a key does a thing once, and how it tells errors."""

from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.routing import APIRoute
from httpx import Response
from sqlalchemy import func, select

from records.tables import ApiToken, AuditEntry, GoodsReceipt, Message, Organisation, PurchaseOrder, User
from tests.paper_desk import PaperDesk
from tests.web.site import Site
from web.access import Role
from web.api import acting, reading
from web.api.access import Scope
from web.desk.api_tokens import add_token, revoke_token
from web.desk.refused import CommandError

ROUTES = [
    (method, route.path)
    for router in (reading.router, acting.router)
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in sorted(route.methods or ())
]
FILLED = {"number": "1", "revision": "1", "name": "volumes", "key": "x", "what": "accept"}


@dataclass
class Program:
    """A program with a token."""

    site: Site
    token: str

    def call(self, method: str, path: str, key: str = "", **options: Any) -> Response:
        headers = {"authorization": f"Bearer {self.token}"} | ({"idempotency-key": key} if key else {})
        answer: Response = self.site.browser().client.request(method, f"/api/v1{path}", headers=headers, **options)
        return answer


def program(desk: PaperDesk, site: Site, *scopes: Scope, role: Role = Role.BUYER, slug: str = "north") -> Program:
    number = site.user(f"{role}-{slug}@api.example", [role], slug)
    with desk.rows() as session:
        organisation = session.scalars(select(Organisation).where(Organisation.slug == slug)).one()
        user = session.get_one(User, number)
        token = add_token(session, organisation, user, "erp", scopes, by="t", now=desk.clock.now, days=30)
    return Program(site, token)


@pytest.fixture
def desk(paper: PaperDesk) -> PaperDesk:
    paper.order_gloves()
    paper.receive("stranger@elsewhere.example", "Chairs", "Please order 3 chairs.")
    return paper


@pytest.fixture
def buyer(desk: PaperDesk, site: Site) -> Program:
    return program(desk, site, *Scope)


def test_no_route_answers_without_a_token_and_each_error_is_a_problem(site: Site) -> None:
    for method, path in ROUTES:
        answer = Program(site, "bd_guessed").call(method, path.format(**FILLED))
        assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json"), path
        assert set(answer.json()) == {"type", "title", "status", "code", "detail"}


def test_a_token_is_good_for_its_scopes_and_its_user_s_roles_only(desk: PaperDesk, site: Site) -> None:
    reader = program(desk, site, Scope.READ)
    for method, path in ROUTES:
        status = reader.call(method, path.format(**FILLED), json={}).status_code
        assert (status == 403) == (method == "POST"), (method, path, status)
    auditor = program(desk, site, *Scope, role=Role.AUDITOR)
    act = {"act": "hold", "reason": "x"}
    assert auditor.call("POST", "/orders/1/act", json=act).status_code == 403
    assert auditor.call("GET", "/orders/1").status_code == 200


def test_a_token_sees_nothing_of_another_organisation(desk: PaperDesk, site: Site) -> None:
    PaperDesk(desk.database, desk.blobs, slug="south")
    other = program(desk, site, *Scope, slug="south")
    for path in ("messages/1", "requisitions/1", "orders/1", "orders/1/pdf/1", "exceptions/1"):
        assert other.call("GET", f"/{path}").status_code == 404, path
    assert other.call("POST", "/orders/1/act", json={"act": "hold", "reason": "x"}).status_code == 404
    for path in ("messages", "requisitions", "approvals", "orders", "exceptions", "invoices", "packages"):
        assert other.call("GET", f"/{path}").json()["rows"] == [], path


def test_a_token_that_was_revoked_or_is_too_old_counts_no_longer(desk: PaperDesk, site: Site, buyer: Program) -> None:
    assert buyer.call("GET", "/me").json()["organisation"] == "north"
    with desk.rows() as session:
        number = session.scalars(select(ApiToken.id)).one()
        revoke_token(session, session.get_one(Organisation, desk.organisation_id), number, "t", desk.clock.now)
    assert buyer.call("GET", "/me").status_code == 401
    later = program(desk, site, Scope.READ, role=Role.AGENT)
    desk.clock.forward(days=31)
    assert later.call("GET", "/me").status_code == 401


def test_lists_go_on_by_cursor_and_details_hold_figures_as_texts(buyer: Program) -> None:
    first = buyer.call("GET", "/messages?size=2").json()
    second = buyer.call("GET", f"/messages?size=2&after={first['after']}").json()
    numbers = [row["id"] for row in first["rows"] + second["rows"]]
    assert numbers == sorted(set(numbers), reverse=True)
    order = buyer.call("GET", "/orders/1").json()
    assert (order["net_total"], order["lines"][0]["quantity"]) == ("80.00", "10")
    assert any(event["what"].startswith("Mail: ") for event in order["story"])
    assert buyer.call("GET", "/orders/1/pdf/1").content.startswith(b"%PDF")
    assert buyer.call("GET", "/reports/volumes").json()["rows"]


def test_what_is_sent_twice_with_one_key_is_done_once_and_answered_alike(desk: PaperDesk, buyer: Program) -> None:
    body = {"lines": [{"line": 1, "quantity": "4"}]}
    first = buyer.call("POST", "/orders/1/receipts", key="k1", json=body)
    again = buyer.call("POST", "/orders/1/receipts", key="k1", json=body)
    assert (first.status_code, first.json()) == (200, again.json())
    assert again.headers["idempotent-replay"] == "true"
    other = buyer.call("POST", "/orders/1/receipts", key="k1", json={"lines": [{"line": 1, "quantity": "5"}]})
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    with desk.rows() as session:
        assert session.scalar(select(func.count()).select_from(GoodsReceipt)) == 1


def test_what_was_refused_keeps_no_key_and_may_be_sent_again(desk: PaperDesk, buyer: Program) -> None:
    release = {"act": "release", "reason": "x"}
    refused = buyer.call("POST", "/orders/1/act", key="k", json=release)
    assert (refused.status_code, refused.json()["code"]) == (422, "refused")
    buyer.call("POST", "/orders/1/act", json={"act": "hold", "reason": "x"})
    assert buyer.call("POST", "/orders/1/act", key="k", json=release).status_code == 200


def test_an_order_is_held_through_the_api_in_its_user_s_name(desk: PaperDesk, buyer: Program) -> None:
    assert buyer.call("POST", "/orders/1/act", json={"act": "hold", "reason": "wait"}).json()["on_hold"] is True
    with desk.rows() as session:
        assert session.get_one(PurchaseOrder, 1).hold_reason == "wait"
        actors = session.scalars(select(AuditEntry.actor).where(AuditEntry.action == "put_on_hold")).all()
    assert actors == ["buyer-north@api.example (token erp)"]


def test_an_exception_is_corrected_through_the_api_and_a_leased_one_is_not(desk: PaperDesk, buyer: Program) -> None:
    number = buyer.call("GET", "/exceptions").json()["rows"][0]["id"]
    with desk.rows() as session:
        (item,) = desk.held(session)
        item.lease_by, item.lease_until = "agnes", desk.clock.forward(minutes=5)
    desk.clock.forward(minutes=-4)
    close = {"values": {"/handled": "a stranger"}}
    assert buyer.call("POST", f"/exceptions/{number}/correct", json=close).status_code == 409
    desk.clock.forward(minutes=10)
    assert buyer.call("POST", f"/exceptions/{number}/correct", json=close).json()["state"] == "resolved"
    assert buyer.call("POST", f"/exceptions/{number}/correct", json=close).status_code == 409


def test_a_body_with_unknown_keys_or_wrong_values_is_refused_with_the_place(buyer: Program) -> None:
    for body in ({"act": "explode", "reason": "x"}, {"act": "hold", "reason": "x", "lies": 1}, {"act": "hold"}):
        answer = buyer.call("POST", "/orders/1/act", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
        assert "body." in answer.json()["detail"]


def test_a_mail_handed_over_is_worked_on_like_any_other_and_enters_once(desk: PaperDesk, site: Site) -> None:
    agent = program(desk, site, Scope.MESSAGES, role=Role.AGENT)
    raw = desk.mail(desk.person("ada"), "Gloves", "Please order 5 boxes of nitrile gloves, size M (G-100).")
    number = agent.call("POST", "/messages", content=raw).json()["message"]
    assert agent.call("POST", "/messages", content=raw).json()["message"] == number
    desk.work()
    with desk.rows() as session:
        assert session.get_one(Message, number).state == "filed"


def test_the_description_names_every_route_and_its_token(site: Site) -> None:
    told = site.browser().client.get("/api/v1/openapi.json").json()
    named = {(method.upper(), path) for path, methods in told["paths"].items() for method in methods}
    assert named == set(ROUTES)
    assert "HTTPBearer" in told["components"]["securitySchemes"]


def test_a_token_needs_a_known_scope_and_a_user_with_a_role(desk: PaperDesk, site: Site) -> None:
    number = site.user("nobody@api.example")
    with desk.rows() as session:
        organisation = session.get_one(Organisation, desk.organisation_id)
        user = session.get_one(User, number)
        for scopes, told in ((["fly"], "no scope fly"), ([], "at least one scope"), (["read"], "no role")):
            with pytest.raises(CommandError, match=told):
                add_token(session, organisation, user, "x", scopes, by="t", now=desk.clock.now)
