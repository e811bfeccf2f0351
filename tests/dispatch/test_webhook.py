"""Other systems are told over HTTP: signed, again and again until taken, and never a private address by accident."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import select

from dispatch import webhook
from dispatch.webhook import NotCallableError, addresses, checked_url, post, signature
from records.blobs import Blobs
from records.database import Database
from records.exceptions import hold
from records.problems import Code, Problem
from records.tables import Organisation, WebhookDelivery
from tests.paper_desk import PaperDesk
from web.desk.refused import CommandError
from web.desk.webhooks import add_webhook, deliveries_of, resend, send_test, switch_off

SECRET = "a long secret of the receiver"


class Receiver(ThreadingHTTPServer):
    """A real server that answers with ``answers`` in turn (the last one for ever) and keeps what it got."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = [200]
        self.got: list[tuple[dict[str, str], str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?from=desk"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        receiver = self.server
        assert isinstance(receiver, Receiver)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        receiver.got.append((dict(self.headers), body))
        answer = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
        if answer == 0:
            self.connection.close()
            return
        self.send_response(answer)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()
        self.wfile.write(b"noted")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def desk(database: Database, blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> PaperDesk:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    return PaperDesk(database, blobs)


def add(desk: PaperDesk, receiver: Receiver, *events: str) -> int:
    with desk.rows() as session:
        owner = session.get_one(Organisation, desk.organisation_id)
        return add_webhook(session, owner, receiver.url, "env:HOOK_SECRET", events, private=True, by="admin").id


def log(desk: PaperDesk) -> list[tuple[str, str, int]]:
    with desk.rows() as session:
        found = deliveries_of(session, desk.organisation_id, None, 100)
        return [(one["event"], one["state"], one["tries"]) for one in reversed(found)]


def test_an_order_is_told_signed_when_it_is_issued_and_acknowledged(desk: PaperDesk, receiver: Receiver) -> None:
    add(desk, receiver, "order.issued", "order.acknowledged")
    order = desk.order_gloves()
    desk.reply(desk.glover, order, "We confirm your order as written.")
    assert log(desk) == [("order.issued", "delivered", 1), ("order.acknowledged", "delivered", 1)]
    headers, body = receiver.got[-1]
    told = json.loads(body)
    assert (told["event"], told["data"]["acknowledgement"]) == ("order.acknowledged", "accepted")
    assert told["data"]["lines"][0]["agreed_price"] == "8.00"
    time, _, digest = headers["Buydesk-Signature"].partition(",v1=")
    wanted = hmac.new(SECRET.encode(), f"{time[2:]}.{body}".encode(), hashlib.sha256).hexdigest()
    assert (digest, headers["Idempotency-Key"]) == (wanted, told["key"])


@pytest.mark.parametrize("failure", [500, 302, 404, 0])
def test_what_was_not_taken_comes_again_with_the_same_body_and_key(
    desk: PaperDesk, receiver: Receiver, failure: int
) -> None:
    receiver.answers = [failure, 200]
    add(desk, receiver, "order.issued")
    desk.order_gloves()
    assert log(desk) == [("order.issued", "queued", 1)]
    desk.clock.forward(minutes=2)
    desk.work()
    assert log(desk) == [("order.issued", "delivered", 2)]
    first, second = receiver.got
    assert first[1] == second[1] and first[0]["Idempotency-Key"] == second[0]["Idempotency-Key"]
    assert first[0]["Buydesk-Signature"] != second[0]["Buydesk-Signature"]  # signed with its own time


def test_after_the_last_try_an_operator_is_told_and_may_send_it_again(
    desk: PaperDesk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dispatch.steps.deliver.RETRIES", webhook.RETRIES[:1])
    receiver.answers = [503]
    add(desk, receiver)
    with desk.rows() as session:
        owner = session.get_one(Organisation, desk.organisation_id)
        send_test(session, owner, 1)
    desk.work()
    desk.clock.forward(minutes=2)
    desk.work()
    assert (log(desk), desk.codes()) == ([("webhook.test", "failed", 2)], ["GAVE_UP"])
    receiver.answers = [204]
    with desk.rows() as session:
        resend(session, session.get_one(Organisation, desk.organisation_id), 1, "admin")
    desk.work()
    assert (log(desk), desk.codes()) == ([("webhook.test", "delivered", 1)], [])
    with desk.rows() as session, pytest.raises(CommandError, match="no delivery 9"):
        resend(session, session.get_one(Organisation, desk.organisation_id), 9, "admin")


def test_an_exception_is_told_once_and_nothing_to_a_hook_that_is_off(desk: PaperDesk, receiver: Receiver) -> None:
    number = add(desk, receiver, "exception.opened")
    desk.receive("eve@evil.example", "Hello", "Buy my shoes.")
    with desk.rows() as session:
        row = desk.held(session)[0]
        assert row.problems
    assert log(desk) == [("exception.opened", "delivered", 1)]
    with desk.rows() as session:
        owner = session.get_one(Organisation, desk.organisation_id)
        switch_off(session, owner, number, "admin")
        hold(
            session, session.scalars(select(WebhookDelivery)).one(), "deliver", [Problem(Code.GAVE_UP, "No.")], "agent"
        )
    desk.receive("eve@evil.example", "Hello again", "Buy my hats.")
    assert len(receiver.got) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/x",
        "ftp://hooks.example",
        "https://user:word@hooks.example/",
        "https:///path",
        "https://hooks.example/a b",
        "https://hooks.example:99999/",
        "javascript:alert(1)",
    ],
)
def test_an_address_that_is_no_plain_https_one_is_refused(url: str) -> None:
    with pytest.raises(NotCallableError):
        checked_url(url, private=False)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.9",
        "169.254.169.254",
        "::1",
        "fd00::1",
        "::ffff:127.0.0.1",
        "0.0.0.0",
    ],
)
def test_a_name_that_leads_into_the_own_network_is_not_called(host: str) -> None:
    with pytest.raises(NotCallableError):
        addresses(host, 443, private=False)
    reply = post(f"https://[{host}]/" if ":" in host else f"https://{host}/", "{}", {}, private=False)
    assert reply.status == 0 and "not on the public internet" in reply.text


def test_a_webhook_needs_a_known_event_and_a_secret_that_is_there(desk: PaperDesk, receiver: Receiver) -> None:
    with desk.rows() as session:
        owner = session.get_one(Organisation, desk.organisation_id)
        for url, secret, events, said in (
            (receiver.url, "env:HOOK_SECRET", ["order.issued"], "begins with https"),
            ("https://hooks.example/", "env:NOT_THERE", [], "secret"),
            ("https://hooks.example/", "env:HOOK_SECRET", ["order.eaten"], "no event"),
        ):
            with pytest.raises(CommandError, match=said):
                add_webhook(session, owner, url, secret, events, private=False, by="admin")


def test_a_signature_is_the_same_for_the_same_time_and_body_only() -> None:
    told = {signature(*one) for one in (("s", 1, "a"), ("s", 2, "a"), ("s", 1, "b"), ("t", 1, "a"))}
    assert len(told) == 4
