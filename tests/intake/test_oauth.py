"""Signing in with tokens of a real token server on a real Dovecot, by Microsoft's and Google's libraries."""

import json
import logging
import tempfile
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import select

from intake import tokens as token_module
from intake.imap_server import log_in
from intake.mailbox import Account, AccountError, account_from
from intake.oauth import OAuthError, oauth_from
from intake.refusals import LoginRefusedError, ThrottledError
from intake.token_http import TokenHttp
from intake.tokens import ExtraMissingError, TokenSource, credential, last_day
from records.base import utc_now
from records.blobs import Blobs
from records.database import Database
from records.tables import ExceptionItem, Mailbox, Organisation
from tests.intake.desk import add_mailbox, mail, make_runner, messages, poll_once
from tests.intake.test_imap_server import plain_account
from tests.servers.dovecot import Dovecot, DovecotMissingError, start_dovecot
from tests.servers.scripted_imap import scripted_imap
from tests.servers.token_server import TENANT, TokenServer, dovecot_settings, running_token_server


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TokenServer]:
    with running_token_server(tmp_path_factory.mktemp("tokens")) as server:
        yield server


@pytest.fixture
def tokens(running: TokenServer, monkeypatch: pytest.MonkeyPatch) -> TokenServer:
    """Return the token server as new; a client "app" with the secret "right" is known to it."""
    monkeypatch.setattr(token_module, "_KEPT", {})
    running.users.clear()
    running.secrets.clear()
    running.asked.clear()
    running.tokens.clear()
    running.errors.clear()
    running.lives, running.slow = 3600, 0.0
    running.secrets["app"] = "right"
    monkeypatch.setenv("APP_SECRET", "right")
    monkeypatch.setenv("WRONG_SECRET", "wrong")
    return running


@pytest.fixture(scope="module")
def dovecot(running: TokenServer) -> Iterator[Dovecot]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        try:
            server = start_dovecot(extra=dovecot_settings(Path(folder) / "oauth", running))
        except DovecotMissingError as missing:
            pytest.skip(str(missing))
        yield server
        server.stop()


def account(dovecot: Dovecot, user: str, oauth: dict[str, object]) -> Account:
    config = dovecot.account(user, oauth=oauth)
    del config["password"]
    return account_from(config)


def sign_in(found: Account) -> None:
    with log_in(found, credential(found.password, found.oauth, found.username)) as server:
        server.command("select", server.client.select_folder, "INBOX", True)


@pytest.mark.dovecot
@pytest.mark.parametrize("mechanism", ["xoauth2", "oauthbearer"])
def test_an_app_of_microsoft_signs_in_with_its_secret(
    tokens: TokenServer, dovecot: Dovecot, user: str, mechanism: str
) -> None:
    tokens.users["app"] = user
    sign_in(account(dovecot, user, tokens.microsoft("app", "env:APP_SECRET", mechanism=mechanism)))
    (form,) = tokens.asked
    assert (form["grant_type"], form["scope"]) == ("client_credentials", "https://outlook.office365.com/.default")


@pytest.mark.dovecot
def test_an_app_signs_in_with_a_certificate(tokens: TokenServer, dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    tokens.users["app"] = user
    pem = tmp_path / "app.pem"
    pem.write_bytes(_rsa_pem(tmp_path))
    oauth = tokens.microsoft("app", "", certificate=f"file:{pem}")
    found = account(dovecot, user, oauth)
    sign_in(found)
    assert "client_assertion" in tokens.asked[0]
    assert found.oauth and last_day(found.oauth)


@pytest.mark.dovecot
def test_a_google_account_signs_in_with_its_refresh_token(
    tokens: TokenServer, dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REFRESH", "right")
    tokens.users["app"] = user
    sign_in(account(dovecot, user, tokens.google("app", "env:WRONG_SECRET", "env:REFRESH")))
    assert tokens.asked[0]["grant_type"] == "refresh_token"


@pytest.mark.dovecot
def test_a_service_account_signs_in_for_the_mailbox(
    tokens: TokenServer, dovecot: Dovecot, user: str, tmp_path: Path
) -> None:
    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    told = {"type": "service_account", "client_email": "desk@project.example", "private_key": key.decode()}
    file = tmp_path / "key.json"
    file.write_text(json.dumps(told | {"private_key_id": "1", "token_uri": "https://elsewhere.example/"}))
    oauth = tokens.google("", "", "", flow="google-service-account", service_account=f"file:{file}")
    sign_in(account(dovecot, user, oauth))
    assert tokens.asked[0]["grant_type"].endswith("jwt-bearer")


@pytest.mark.dovecot
def test_a_token_is_asked_for_once_and_again_before_it_ends(tokens: TokenServer, dovecot: Dovecot, user: str) -> None:
    tokens.users["app"] = user
    found = account(dovecot, user, tokens.microsoft("app", "env:APP_SECRET"))
    sign_in(found)
    sign_in(found)
    assert len(tokens.asked) == 1
    for kept in token_module._KEPT.values():
        kept.until = 0
    sign_in(found)
    assert len(tokens.asked) == 2


@pytest.mark.dovecot
def test_a_token_that_the_mail_server_refuses_is_renewed_once(tokens: TokenServer, dovecot: Dovecot, user: str) -> None:
    tokens.users["app"] = "somebody-else"
    found = account(dovecot, user, tokens.microsoft("app", "env:APP_SECRET"))
    source = credential(found.password, found.oauth, found.username)
    assert isinstance(source, TokenSource)
    source.token()
    tokens.users["app"] = user
    sign_in(found)
    assert len(tokens.asked) == 2
    tokens.users["app"] = "somebody-else"
    source.renewed(tokens.tokens[-1])
    with pytest.raises(LoginRefusedError):
        sign_in(found)
    assert len(tokens.asked) == 4


def test_a_refusal_of_the_token_server_is_a_refused_login_with_its_first_line(tokens: TokenServer) -> None:
    source = TokenSource(oauth_from(tokens.microsoft("app", "env:WRONG_SECRET")), "po")
    with pytest.raises(LoginRefusedError, match=r"invalid_grant: AADSTS70000: not valid$"):
        source.token()
    google = TokenSource(oauth_from(tokens.google("app", "env:WRONG_SECRET", "env:WRONG_SECRET")), "po")
    with pytest.raises(LoginRefusedError, match=r"invalid_grant: AADSTS70000: not valid$"):
        google.token()


@pytest.mark.parametrize("flow", ["microsoft", "google"])
def test_a_busy_token_server_is_left_alone_as_long_as_it_says(tokens: TokenServer, flow: str) -> None:
    tokens.errors.append((429, {"error": "slow_down"}, {"Retry-After": "900"}))
    with pytest.raises(ThrottledError) as caught:
        source(tokens, flow).token()
    assert caught.value.delay.total_seconds() == 900
    assert len(tokens.asked) == 1


@pytest.mark.parametrize("flow", ["microsoft", "google"])
@pytest.mark.parametrize("status", [500, 302])
def test_a_token_server_with_a_fault_is_no_refusal(tokens: TokenServer, flow: str, status: int) -> None:
    fault = (status, {"error": "server_error"}, {"Location": "http://127.0.0.1:9/"})
    tokens.errors += [fault] * 9
    with pytest.raises((ConnectionError, LoginRefusedError)) as caught:
        source(tokens, flow).token()
    assert status != 500 or isinstance(caught.value, ConnectionError)
    assert "127.0.0.1:9" not in str(caught.value)


def test_a_token_server_that_is_slow_or_of_an_unknown_authority_is_no_refusal(
    tokens: TokenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens.slow = 1.0
    with monkeypatch.context() as patience:
        patience.setattr(token_module, "TokenHttp", partial(TokenHttp, seconds=0.2))
        with pytest.raises(ConnectionError, match="cannot be reached"):
            source(tokens, "google").token()
    with pytest.raises(ConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
        TokenSource(oauth_from(tokens.google("app", "env:APP_SECRET", "env:APP_SECRET", ca_file="")), "po").token()


def source(tokens: TokenServer, flow: str) -> TokenSource:
    described = {
        "microsoft": tokens.microsoft("app", "env:APP_SECRET"),
        "google": tokens.google("app", "env:APP_SECRET", "env:APP_SECRET"),
    }
    return TokenSource(oauth_from(described[flow]), "po")


def test_neither_token_nor_secret_is_shown_or_logged(tokens: TokenServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    found = source(tokens, "microsoft")
    token = found.token()
    shown = repr(found) + repr(token_module._KEPT) + caplog.text
    assert token not in shown
    assert "right" not in shown


def test_two_mailboxes_of_one_app_share_its_token(tokens: TokenServer) -> None:
    oauth = oauth_from(tokens.microsoft("app", "env:APP_SECRET"))
    assert TokenSource(oauth, "a@desk.example").token() == TokenSource(oauth, "b@desk.example").token()
    assert len(tokens.asked) == 1


def test_without_the_libraries_the_command_that_installs_them_is_named(
    tokens: TokenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "msal", None)
    with pytest.raises(ExtraMissingError, match=r"pip install 'buydesk\[oauth\]'"):
        source(tokens, "microsoft").token()


def test_a_server_without_the_mechanism_gets_no_token(tokens: TokenServer) -> None:
    with scripted_imap({}) as port:
        config = plain_account(port, oauth=tokens.microsoft("app", "env:APP_SECRET"), password="")
        with pytest.raises(AccountError, match="no login with OAuth by XOAUTH2"):
            sign_in(account_from(config))
    assert tokens.asked == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"flow": "magic"}, "oauth.flow is microsoft"),
        ({"tenant": ""}, "oauth.tenant is missing"),
        ({"client_secret": ""}, "oauth.client_secret or oauth.certificate is missing"),
        ({"token_server": "http://login.example"}, "must begin with https"),
        ({"mechanism": "plain"}, "xoauth2 or oauthbearer"),
        ({"expires": "soon"}, "not a date"),
        ({"scope": 7}, "not a text"),
    ],
)
def test_a_description_that_cannot_be_used_is_refused(change: dict[str, object], said: str) -> None:
    whole = {"flow": "microsoft", "tenant": TENANT, "client_id": "app", "client_secret": "env:X"}
    assert oauth_from({**whole, "expires": "2027-01-31"}).expires == date(2027, 1, 31)
    with pytest.raises(OAuthError, match=said):
        oauth_from({**whole, **change})


def test_a_password_beside_oauth_is_refused(tokens: TokenServer) -> None:
    with pytest.raises(AccountError, match="no password"):
        account_from(plain_account(1, oauth=tokens.microsoft("app", "env:APP_SECRET")))


def oauth_box(database: Database, organisation: Organisation, dovecot: Dovecot, user: str, tokens: TokenServer) -> int:
    config = dovecot.account(user, oauth=tokens.microsoft("app", "env:APP_SECRET"))
    del config["password"]
    return add_mailbox(database, organisation, config)


@pytest.mark.dovecot
def test_a_mailbox_is_polled_with_tokens_and_waits_while_the_token_server_is_busy(
    tokens: TokenServer, dovecot: Dovecot, user: str, database: Database, organisation: Organisation, blobs: Blobs
) -> None:
    tokens.users["app"] = user
    dovecot.deliver(user, mail(1))
    box = oauth_box(database, organisation, dovecot, user, tokens)
    runner = make_runner(database, blobs)
    tokens.errors.append((429, {}, {"Retry-After": "700"}))
    row = poll_once(runner, box)
    assert row.due_at is not None
    assert (690 < (row.due_at - utc_now()).total_seconds() <= 700, row.login_failures) == (True, 0)
    row = poll_once(runner, box)
    assert (row.last_error, len(messages(database, box))) == (None, 1)
    with database.read() as session:
        assert tokens.tokens[-1] not in str(session.get_one(Mailbox, box).config)


@pytest.mark.dovecot
def test_a_refused_secret_stops_after_three_and_an_operator_is_told_why(
    tokens: TokenServer, dovecot: Dovecot, user: str, database: Database, organisation: Organisation, blobs: Blobs
) -> None:
    tokens.secrets["app"] = "another"
    box = oauth_box(database, organisation, dovecot, user, tokens)
    runner = make_runner(database, blobs)
    rows = [poll_once(runner, box) for _ in range(3)]
    assert [(row.login_failures, row.due_at is None) for row in rows] == [(1, False), (2, False), (3, True)]
    with database.read() as session:
        (item,) = session.scalars(select(ExceptionItem))
        assert "invalid_grant: AADSTS70000: not valid" in item.problems[0]["detail"]


def _rsa_pem(folder: Path) -> bytes:
    """Return a key and a certificate for it, as an app has them."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "app")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=20))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
