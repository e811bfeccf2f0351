"""Sending with tokens: those of a real token server, shown to a server that takes them by XOAUTH2."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dispatch.smtp import conversation
from dispatch.smtp_relay import Relay, RelayError, login_of, relay_from
from intake import tokens as token_module
from intake.refusals import LoginRefusedError
from tests.servers.smtp_sink import SmtpSink, running_sink
from tests.servers.token_server import TokenServer, running_token_server

RAW = b"Subject: paper\r\n\r\nPlease.\r\n"


@pytest.fixture
def tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TokenServer]:
    monkeypatch.setattr(token_module, "_KEPT", {})
    monkeypatch.setenv("APP_SECRET", "right")
    with running_token_server(tmp_path) as server:
        server.secrets["app"] = "right"
        yield server


@pytest.fixture
def sink(tokens: TokenServer) -> Iterator[SmtpSink]:
    with running_sink(tokens.certificates) as server:
        yield server


def relay(sink: SmtpSink, tokens: TokenServer, **changes: str) -> Relay:
    oauth = tokens.microsoft("app", "env:APP_SECRET", **changes)
    config = {"host": "127.0.0.1", "port": sink.port, "tls": "starttls", "username": "po@desk.example"}
    return relay_from(config | {"ca_file": str(tokens.certificates.ca_file), "oauth": oauth})


def hand_over(to: Relay) -> str:
    with conversation(to, login_of(to)) as talk:
        assert talk.refusal("po@desk.example", "b@supplier.example", len(RAW)) is None
        talk.body(RAW)
        return str(talk.finish())


def test_mail_goes_out_with_a_token(sink: SmtpSink, tokens: TokenServer) -> None:
    to = relay(sink, tokens)
    source = login_of(to)
    assert isinstance(source, token_module.TokenSource)
    sink.tokens.add(source.token())
    assert hand_over(to) == "250 2.0.0 kept"
    assert (sink.logins, len(tokens.asked)) == (1, 1)


def test_a_refused_token_is_renewed_once_and_then_it_is_a_refused_login(sink: SmtpSink, tokens: TokenServer) -> None:
    with pytest.raises(LoginRefusedError, match=r"535 .* status 401"):
        hand_over(relay(sink, tokens))
    assert (sink.logins, len(tokens.asked), sink.delivered) == (2, 2, [])


def test_a_server_without_the_mechanism_gets_no_token(sink: SmtpSink, tokens: TokenServer) -> None:
    with pytest.raises(RelayError, match="by OAUTHBEARER"):
        hand_over(relay(sink, tokens, mechanism="oauthbearer"))
    assert (sink.logins, tokens.asked) == (0, [])
