"""One SMTP conversation: it is safe, it says what the server said, and half an answer is none."""

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dispatch.smtp import Answer, ConversationError, Verdict, conversation
from dispatch.smtp_relay import Relay, RelayError, relay_from
from intake.refusals import LoginRefusedError
from tests.servers.certificates import Certificates, make_certificates
from tests.servers.smtp_sink import SmtpSink, running_sink

OAUTH = {"flow": "microsoft", "tenant": "t", "client_id": "c", "client_secret": "env:X"}
RAW = b"Subject: dots\r\n\r\n.\r\n..\r\n.line\r\nlast"


def relay(port: int, tls: str = "none", ca_file: Path | None = None, host: str = "127.0.0.1") -> Relay:
    return Relay(
        host=host,
        port=port,
        tls=tls,
        ca_file=str(ca_file) if ca_file else None,
        username="desk" if ca_file else None,
        connect_seconds=2,
        command_seconds=1,
        final_seconds=1,
    )


def hand_over(to: Relay, password: str | None = None) -> Answer:
    with conversation(to, password) as talk:
        refused = talk.refusal("a@desk.example", "b@supplier.example", len(RAW))
        if refused:
            return refused
        talk.body(RAW)
        return talk.finish()


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with running_sink() as server:
        yield server


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("ca"))


def test_the_bytes_arrive_as_they_are_whatever_dots_they_hold(sink: SmtpSink) -> None:
    answer = hand_over(relay(sink.port))
    assert answer == Answer(250, "2.0.0 kept")
    assert sink.delivered == [RAW + b"\r\n"]
    assert sink.recipients == ["b@supplier.example"]


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_mail_goes_out_over_tls_after_login(certificates: Certificates, tls: str) -> None:
    with running_sink(certificates, implicit=tls == "implicit") as sink:
        answer = hand_over(relay(sink.port, tls, certificates.ca_file), "secret")
        assert answer.verdict is Verdict.ACCEPTED
        assert (sink.logins, len(sink.delivered)) == (1, 1)


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_a_server_with_a_foreign_certificate_gets_neither_password_nor_mail(
    certificates: Certificates, tmp_path: Path, tls: str
) -> None:
    foreign = make_certificates(tmp_path)
    with running_sink(certificates, implicit=tls == "implicit") as sink:
        with pytest.raises(ssl.SSLCertVerificationError):
            hand_over(relay(sink.port, tls, foreign.ca_file), "secret")
        assert (sink.logins, sink.delivered) == (0, [])


def test_a_server_that_does_not_offer_starttls_gets_no_mail(sink: SmtpSink, certificates: Certificates) -> None:
    with pytest.raises(smtplib.SMTPNotSupportedError):
        hand_over(relay(sink.port, "starttls", certificates.ca_file), "secret")
    assert sink.delivered == []


def test_a_wrong_password_is_told_apart(certificates: Certificates) -> None:
    with running_sink(certificates) as sink, pytest.raises(LoginRefusedError, match="535"):
        hand_over(relay(sink.port, "starttls", certificates.ca_file), "guess")


def test_a_login_that_is_refused_for_now_is_no_refusal(certificates: Certificates) -> None:
    with running_sink(certificates) as sink, pytest.raises(smtplib.SMTPAuthenticationError):
        sink.script["AUTH"] = "454 4.7.0 temporary authentication failure"
        hand_over(relay(sink.port, "starttls", certificates.ca_file), "secret")


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "DOT"])
@pytest.mark.parametrize(
    "said, verdict",
    [
        ("421 4.3.0 going down", Verdict.TEMPORARY),
        ("450 4.2.0 greylisted", Verdict.TEMPORARY),
        ("550 5.1.1 no such user", Verdict.PERMANENT),
    ],
)
def test_each_refusal_says_what_it_is(sink: SmtpSink, verb: str, said: str, verdict: Verdict) -> None:
    sink.script[verb] = said
    answer = hand_over(relay(sink.port))
    assert (str(answer), answer.verdict) == (said, verdict)
    assert sink.delivered == []


def test_a_server_that_will_not_greet_raises(sink: SmtpSink) -> None:
    sink.script["CONNECT"] = "554 5.3.2 go away"
    with pytest.raises(smtplib.SMTPConnectError):
        hand_over(relay(sink.port))


@pytest.mark.parametrize(
    "address", ["b@c.example>\r\nRCPT TO:<d@e.example", "b@c.example, d@e.example", "B <b@c.example>", "", "b", "é@c"]
)
def test_only_one_plain_address_goes_into_a_command(sink: SmtpSink, address: str) -> None:
    with conversation(relay(sink.port), None) as talk, pytest.raises(ValueError, match="not an address"):
        talk.refusal("a@desk.example", address, 1)


@contextmanager
def scripted(*answers: bytes, last: bytes | None = None) -> Iterator[int]:
    """Give the port of a server that says one of ``answers`` each time it is spoken to, then leaves.

    With ``last`` it waits for the final dot, says that, and leaves; empty: it stays and says nothing.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            client, _ = listener.accept()
            with client:
                for answer in answers:
                    client.sendall(answer)
                    heard = client.recv(65536)
                while last is not None and heard and not heard.endswith(b"\r\n.\r\n"):
                    more = client.recv(65536)
                    heard = heard + more if more else b""
                client.sendall(last or b"")
                if last == b"":
                    client.recv(65536)

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]


READY = (b"220 ready\r\n", b"250 hello\r\n", b"250 sender\r\n", b"250 recipient\r\n", b"354 go\r\n")


@pytest.mark.parametrize(
    "last",
    [
        b"2",
        b"25",
        b"250",
        b"250 2.0.0 kep",
        b"250-2.0.0 kept\r\n",
        b"nonsense\r\n",
        b"354 go on\r\n",
        b"999 what\r\n",
        b"\xff\xfe\r\n",
        b"250-" + b"x" * 10000,
        b"250-x\r\n" * 200,
        b"",
    ],
)
def test_whatever_is_not_a_whole_answer_after_the_dot_is_no_answer(last: bytes) -> None:
    with scripted(*READY, last=last) as port:
        assert hand_over(relay(port)).verdict is Verdict.NO_ANSWER


def test_an_answer_of_several_lines_is_one_answer() -> None:
    with scripted(*READY, last=b"250-2.0.0 kept\r\n250 as 42\r\n") as port:
        assert hand_over(relay(port)) == Answer(250, "2.0.0 kept as 42")


def test_a_server_that_speaks_before_the_dot_is_not_handed_the_mail() -> None:
    hasty = (*READY[:-1], b"354 go\r\n421 idle for too long\r\n")
    with scripted(*hasty, last=b"") as port, pytest.raises(ConversationError, match="broke off"):
        hand_over(relay(port))


@pytest.mark.parametrize("place", range(1, 5))
def test_a_server_that_leaves_before_the_dot_raises(place: int) -> None:
    with scripted(*READY[:place]) as port, pytest.raises(OSError):
        hand_over(relay(port))


def test_the_wait_after_the_dot_is_at_least_ten_minutes() -> None:
    assert Relay("mail.example").final_seconds >= 600


def test_a_relay_is_read_from_the_organisation() -> None:
    config = {"host": "mail.example", "tls": "implicit", "username": "u", "password": "env:X", "ca_file": ""}
    assert relay_from(config) == Relay("mail.example", 465, "implicit", "u", "env:X")
    assert relay_from({"host": "mail.example"}).port == 587
    assert "env:X" not in repr(relay_from(config))


@pytest.mark.parametrize(
    "config, complaint",
    [
        ({}, "host is missing"),
        ({"host": 5}, "not a text"),
        ({"host": "h", "port": "25"}, "not a number"),
        ({"host": "h", "tls": "maybe"}, "not 'maybe'"),
        ({"host": "mail.example", "tls": "none"}, "on this machine"),
        ({"host": "h", "username": "u"}, "go together"),
        ({"host": "h", "oauth": {"flow": "google"}}, "smtp.oauth.client_id is missing"),
        ({"host": "h", "username": "u", "password": "env:X", "oauth": OAUTH}, "no smtp.password"),
    ],
)
def test_a_relay_that_cannot_be_used_says_why(config: dict[str, object], complaint: str) -> None:
    with pytest.raises(RelayError, match=complaint):
        relay_from(config)
