"""Signing in with a provider: who is let in, and every way in which a sign-in is not taken."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from records.tables import User
from tests.paper_desk import PaperDesk
from tests.web.provider import CLIENT, SECRET, Provider, provider
from tests.web.site import Browser, Site
from web.access import Role
from web.app import create_app
from web.place import OpenIdConnect


@pytest.fixture
def asked() -> Iterator[Provider]:
    with provider() as one:
        one.claims = {"sub": "s-1", "email": "Bea@desk.example", "email_verified": True, "exp": time.time() + 99999}
        yield one


@pytest.fixture
def desk(site: Site, asked: Provider) -> Site:
    """Return a site that takes the provider's word, with one user."""
    site.place = replace(site.place, oidc=OpenIdConnect(asked.issuer, CLIENT, SECRET))
    site.app = create_app(site.place)
    site.user("bea@desk.example", [Role.BUYER])
    return site


def signed_in(browser: Browser) -> bool:
    return browser.get("/account").status_code == 200


def come_back(browser: Browser, asked: Provider, path: str = "/login/oidc") -> int:
    back = asked.sign_in(browser.get(path).headers["location"])
    return browser.get(back).status_code


def test_a_user_signs_in_with_the_provider_and_goes_where_he_wanted(desk: Site, asked: Provider) -> None:
    browser = desk.browser()
    assert "Sign in with your organisation" in browser.open("/login")
    sent = browser.get("/login/oidc?next=/account").headers["location"]
    answer = browser.get(asked.sign_in(sent))
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert signed_in(browser)
    assert asked.asked["code_challenge_method"] == "S256" and "openid" in asked.asked["scope"]
    with desk.database.read() as session:
        assert session.get_one(User, 1).subject == f"{asked.issuer} s-1"


def test_who_came_once_is_known_by_his_subject_whatever_his_address(desk: Site, asked: Provider) -> None:
    assert come_back(desk.browser(), asked) == 303
    asked.claims |= {"email": "new@desk.example", "email_verified": False}
    assert come_back(desk.browser(), asked) == 303


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email": "stranger@desk.example"},
        {"aud": "somebody-else"},
        {"aud": [CLIENT, "somebody-else"]},
        {"iss": "https://evil.example"},
        {"nonce": "another"},
        {"exp": 1},
        {"exp": "never"},
        {"sub": ""},
    ],
)
def test_a_word_of_the_provider_that_does_not_fit_signs_nobody_in(
    desk: Site, asked: Provider, claims: dict[str, object]
) -> None:
    asked.claims |= claims
    browser = desk.browser()
    assert come_back(browser, asked) == 403
    assert not signed_in(browser)


def test_a_token_that_another_key_signed_signs_nobody_in(desk: Site, asked: Provider) -> None:
    asked.signs_with_other = True
    assert come_back(desk.browser(), asked) == 403


def test_a_sign_in_that_another_browser_began_or_that_is_too_old_is_not_taken(desk: Site, asked: Provider) -> None:
    victim, attacker = desk.browser(), desk.browser()
    back = asked.sign_in(attacker.get("/login/oidc").headers["location"])
    assert victim.get(back).status_code == 403
    victim.get("/login/oidc")
    assert victim.get(back).status_code == 403
    desk.clock.forward(minutes=11)
    assert attacker.get(back).status_code == 403
    assert asked.exchanged == []


def test_a_second_factor_shown_at_the_provider_counts_here(desk: Site, asked: Provider, paper: PaperDesk) -> None:
    desk.user("bea@desk.example", [Role.APPROVER])
    browser = desk.browser()
    come_back(browser, asked)
    assert browser.get("/o/north/approve").status_code == 303
    asked.claims["amr"] = ["pwd", "otp"]
    come_back(browser, asked)
    assert browser.get("/o/north/approve").status_code == 200


def test_a_blocked_user_and_a_provider_that_is_away_are_told_in_a_sentence(desk: Site, asked: Provider) -> None:
    with desk.database.session() as session:
        session.get_one(User, 1).active = False
    assert come_back(desk.browser(), asked) == 403
    asked.issuer = "http://127.0.0.1:1"
    assert desk.browser().get("/login/oidc").status_code == 503


def test_without_a_provider_its_pages_lead_nowhere(site: Site) -> None:
    assert "Sign in with your organisation" not in site.browser().open("/login")
    assert site.browser().get("/login/oidc").status_code == 503
