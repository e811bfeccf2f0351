"""Every route x role x organisation, generated from the application; a route that the table lacks fails."""

from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute

from records.tables import Approval, Person
from tests.paper_desk import PaperDesk
from tests.rows import add_organisation
from tests.web.access_table import EVERYBODY, EXPECTED, PATHS, SIGNED_IN
from tests.web.bills import an_invoice
from tests.web.mails import receive, with_file
from tests.web.site import Browser, Site
from web.access import Guard, Role, everybody, signed_in
from web.routes import ROUTERS


def routes() -> Iterator[tuple[str, APIRoute]]:
    """Yield every route by its method."""
    for route in (route for router in ROUTERS for route in router.routes):
        if isinstance(route, APIRoute):
            for method in sorted(route.methods or ()):
                yield method, route


def guards(route: APIRoute) -> list[object]:
    found, left = [], list(route.dependant.dependencies)
    while left:
        one = left.pop()
        found.append(one.call)
        left += one.dependencies
    return [one for one in found if isinstance(one, Guard) or one in (everybody, signed_in)]


def asked(browser: Browser, method: str, path: str, organisation: str) -> int:
    filled = path.format(organisation=organisation, **PATHS)
    return (browser.get(filled) if method == "GET" else browser.post(filled)).status_code


@pytest.fixture
def filled(paper: PaperDesk) -> PaperDesk:
    """Return a desk with something of everything, and another organisation beside it."""
    asking = paper.mail(paper.person("ada"), "Gloves", "Please order 5 boxes of nitrile gloves, size M.")
    receive(paper, with_file(asking, b"remark\nfor the laboratory\n", "text/csv", "remark.csv"))
    paper.reply(paper.glover, paper.order_gloves(), "We accept your order as it is.")
    with paper.rows() as session:  # what was asked of somebody with the address of the approver's login
        approver = Person(organisation_id=paper.organisation_id, email="approver@desk.example", name="Approver")
        session.add(approver)
        session.flush()
        session.get_one(Approval, 1).approver_id = approver.id
        session.add(an_invoice(session, paper))
    add_organisation(paper.database, "south")
    return paper


@pytest.fixture
def everyone(filled: PaperDesk, site: Site) -> dict[Role, Browser]:
    """Return a browser for each role in north."""
    return {role: site.signed_in(site.user(f"{role}@desk.example", [role])) for role in Role}


def test_the_table_names_every_route_and_no_other() -> None:
    assert {(method, route.path) for method, route in routes()} == set(EXPECTED)


def test_every_route_declares_one_guard_and_the_one_of_the_table() -> None:
    for method, route in routes():
        (guard,) = guards(route)
        expected = EXPECTED[method, route.path]
        if isinstance(guard, Guard):
            assert (guard.roles, "{organisation}" in route.path) == (expected, True), route.path
        else:
            assert guard is {EVERYBODY: everybody, SIGNED_IN: signed_in}[str(expected)], route.path
            assert "{organisation}" not in route.path


def test_each_role_reaches_what_the_table_says_and_nothing_of_another_organisation(
    site: Site, everyone: dict[Role, Browser]
) -> None:
    for method, route in routes():
        expected = EXPECTED[method, route.path]
        if not isinstance(expected, frozenset):
            continue
        for role, browser in everyone.items():
            own, foreign, absent = (asked(browser, method, route.path, one) for one in ("north", "south", "nowhere"))
            case = (method, route.path, role, own)
            assert (own in (401, 403, 404)) == (role not in expected), case
            assert (foreign, absent) == (404, 404), case


def test_who_is_not_signed_in_reaches_only_what_is_everybodys(site: Site, filled: PaperDesk) -> None:
    for method, route in routes():
        browser = site.browser()
        browser.form_mark("/login")
        status = asked(browser, method, route.path, "north")
        outside = EXPECTED[method, route.path] != EVERYBODY
        assert (status == 303) == outside, (method, route.path, status)


def test_no_form_is_taken_without_its_mark(site: Site, everyone: dict[Role, Browser]) -> None:
    browser = everyone[Role.AGENT]
    browser.csrf = "x"
    for method, route in routes():
        if method != "GET":
            assert asked(browser, method, route.path, "north") == 403, route.path


def test_an_approver_without_a_second_factor_is_led_to_it(site: Site) -> None:
    browser = site.signed_in(site.user("olga@desk.example", [Role.ADMINISTRATOR]), proven=False)
    answer = browser.get("/o/north/exceptions")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/second-factor")
