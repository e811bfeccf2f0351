"""Signing in: passwords, links, second factors, limits, rotation, and forms that only we can send."""

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from records.tables import User, WebSession
from tests.paper_desk import PaperDesk
from tests.web.site import KEY, PASSWORD, Browser, Site
from web.access import Role
from web.desk.users import first_administrator, login_link
from web.limits import OF_ACCOUNT
from web.passwords import password_hash
from web.seal import hashed, seal
from web.second_factor import enrol

HASH = password_hash(PASSWORD)


@pytest.fixture
def visitor(site: Site) -> Browser:
    site.user("agnes@desk.example", [Role.AGENT], password_hash=HASH)
    browser = site.browser()
    browser.form_mark("/login")
    return browser


def sign_in(browser: Browser, password: str = PASSWORD, **more: str) -> int:
    return browser.post("/login", email=" Agnes@desk.example", password=password, **more).status_code


def test_who_is_not_signed_in_is_led_to_the_form_and_back(visitor: Browser) -> None:
    answer = visitor.get("/o/north/exceptions")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/o/north/exceptions")
    assert visitor.get("/").headers["location"] == "/login"
    answer = visitor.post("/login", email="agnes@desk.example", password=PASSWORD, next="/account")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert "Agnes" in visitor.open("/account")


@pytest.mark.parametrize("onward", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nb", "x"])
def test_signing_in_never_leads_to_another_site(visitor: Browser, onward: str) -> None:
    answer = visitor.post("/login", email="agnes@desk.example", password=PASSWORD, next=onward)
    assert answer.headers["location"] == "/"


def test_a_wrong_password_and_an_unknown_user_are_told_the_same(visitor: Browser) -> None:
    wrong = visitor.post("/login", email="agnes@desk.example", password="x")
    unknown = visitor.post("/login", email="nobody@desk.example", password=PASSWORD)
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert wrong.text.replace("agnes", "nobody") == unknown.text


def test_after_too_many_failures_the_right_password_waits_too(site: Site, visitor: Browser) -> None:
    assert [sign_in(visitor, "wrong") for _ in range(OF_ACCOUNT)] == [401] * OF_ACCOUNT
    assert sign_in(visitor) == 429
    site.clock.forward(minutes=16)
    assert sign_in(visitor) == 303


def test_a_form_without_our_mark_or_from_another_site_is_refused(visitor: Browser) -> None:
    good = visitor.csrf
    visitor.csrf = ""
    assert sign_in(visitor) == 403
    visitor.csrf = good
    visitor.client.headers["origin"] = "https://evil.example"
    assert sign_in(visitor) == 403
    visitor.client.headers["origin"] = "http://testserver"
    assert sign_in(visitor) == 303


def test_the_mark_of_a_visit_does_not_serve_after_signing_in(visitor: Browser) -> None:
    sign_in(visitor)
    assert visitor.post("/logout").status_code == 403
    visitor.form_mark("/account")
    assert visitor.post("/logout").status_code == 303
    assert visitor.get("/account").status_code == 303


def test_a_session_changes_its_token_and_the_old_one_ends(site: Site, visitor: Browser) -> None:
    sign_in(visitor)
    old = visitor.client.cookies["buydesk"]
    visitor.open("/account")
    assert visitor.client.cookies["buydesk"] == old
    site.clock.forward(minutes=11)
    visitor.open("/account")
    assert visitor.client.cookies["buydesk"] != old
    thief = site.browser()
    thief.client.cookies.set("buydesk", old)
    site.clock.forward(minutes=2)
    assert thief.get("/account").status_code == 303
    with site.database.read() as session:
        assert old not in str([vars(row) for row in session.scalars(select(WebSession))])


def test_a_session_ends_by_rest_and_by_age(site: Site, visitor: Browser) -> None:
    sign_in(visitor)
    site.clock.forward(minutes=61)
    assert visitor.get("/account").status_code == 303
    visitor.form_mark("/login")
    sign_in(visitor)
    for _ in range(13):
        site.clock.forward(minutes=58)
        last = visitor.get("/account").status_code
    assert last == 303


def test_a_link_signs_in_once_and_only_by_a_click(site: Site, visitor: Browser) -> None:
    with site.database.session() as session:
        path = login_link(session, session.scalars(select(User)).one(), site.clock())
    visitor.form_mark(path)
    visitor.form_mark(path)
    assert visitor.get("/account").status_code == 303
    assert visitor.post(path).status_code == 303
    assert visitor.open("/account")
    again = site.browser()
    again.form_mark(path)
    assert again.post(path).status_code == 404


def test_the_first_administrator_gets_a_link_until_somebody_can_sign_in(site: Site) -> None:
    with site.database.session() as session:
        path = first_administrator(session, site.clock())
        assert path is not None
        again = first_administrator(session, site.clock())
        assert again not in (None, path)
    browser = site.browser()
    browser.form_mark(path)
    browser.post(path)
    assert browser.get("/").headers["location"] == "/o/north/exceptions"
    site.user("x@desk.example", password_hash=HASH)
    with site.database.session() as session:
        assert first_administrator(session, site.clock()) is None


def test_a_second_factor_is_set_up_with_the_password_and_then_asked_for(site: Site, visitor: Browser) -> None:
    sign_in(visitor)
    visitor.form_mark("/account/second-factor")
    secret = pyotp.random_base32()
    form = {"sealed": seal(KEY, secret), "code": pyotp.TOTP(secret).at(site.clock())}
    assert visitor.post("/account/second-factor", **form, password="wrong").status_code == 422
    shown = visitor.post("/account/second-factor", **form, password=PASSWORD)
    assert shown.status_code == 200 and shown.text.count("<li><code>") == 10
    recovery = shown.text.partition("<li><code>")[2].partition("</code>")[0]
    assert visitor.open("/account")

    other = site.browser()
    other.form_mark("/login")
    sign_in(other)
    assert other.get("/account").headers["location"] == "/login/code"
    other.form_mark("/login/code")
    assert other.post("/login/code", code=form["code"]).status_code == 401  # was used to set it up
    site.clock.forward(seconds=31)
    assert other.post("/login/code", code=pyotp.TOTP(secret).at(site.clock())).status_code == 303
    assert other.open("/account")

    third = site.browser()
    for expected in (303, 401):
        third.client.cookies.clear()
        third.form_mark("/login")
        sign_in(third)
        third.form_mark("/login/code")
        assert third.post("/login/code", code=recovery).status_code == expected


def test_what_is_kept_of_a_second_factor_is_sealed_and_hashed(site: Site) -> None:
    user, secret = User(email="x@y.example", name="X"), pyotp.random_base32()
    codes = enrol(user, KEY, secret, pyotp.TOTP(secret).at(site.clock()), site.clock())
    assert codes and user.totp_secret and secret not in user.totp_secret
    assert user.recovery == [hashed(code) for code in codes]


def test_every_answer_carries_the_security_headers(visitor: Browser) -> None:
    for path in ("/login", "/nothing", "/static/buydesk.css"):
        headers = visitor.get(path).headers
        policy = headers["content-security-policy"]
        assert "script-src 'self'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
        assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")


def test_a_blocked_user_is_out_at_once(site: Site, visitor: Browser) -> None:
    sign_in(visitor)
    with site.database.session() as session:
        session.scalars(select(User)).one().active = False
    assert visitor.get("/account").status_code == 303


def test_a_request_for_another_host_is_refused(visitor: Browser) -> None:
    assert visitor.get("/login", headers={"host": "evil.example"}).status_code == 400


def test_cookies_are_bound_to_the_host_and_https_where_the_site_is(paper: PaperDesk) -> None:
    site = Site(paper.database, paper.blobs, paper.clock)
    object.__setattr__(site.place, "url", "https://testserver")
    answer = site.browser().get("/login")
    cookie = answer.headers["set-cookie"]
    assert "Secure" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    assert site.place.longest > timedelta(hours=1)
