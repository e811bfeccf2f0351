"""The rules of the outbox: states and moves, when a deferred mail is tried again, and what may go out.

A mail is ``handing_over`` from just before the dot that ends it (RFC 5321 4.1.1.4) until the server's
answer. Only in that window can nobody know whether it arrived; what is lost there becomes ``uncertain``
and is never sent again by itself.
"""

import re
from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr

from records.flow import Moves

MOVES: Moves = {
    "queued": frozenset({"sending", "superseded"}),
    "sending": frozenset({"handing_over", "deferred", "failed", "superseded"}),
    "handing_over": frozenset({"sent", "deferred", "failed", "uncertain"}),
    "deferred": frozenset({"sending", "superseded"}),
    "uncertain": frozenset({"sent", "queued", "bounced"}),
    "failed": frozenset({"queued", "superseded"}),
    "bounced": frozenset({"queued", "superseded"}),
    "sent": frozenset({"bounced"}),
    "superseded": frozenset(),
}

SUPERSEDABLE = frozenset(state for state, reached in MOVES.items() if "superseded" in reached)

# How long to wait after each answer that says "later" (RFC 5321 4.5.4.1); a day in all, then it failed.
RETRIES = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 30, 60, 120, 240, 480, 480))

# The lease of the steps that send: longer than the wait for the last answer.
SEND_LEASE = timedelta(minutes=15)

# Kinds of mail that are an order, and so carry its PDF.
ORDER_KINDS = frozenset({"order", "change_order"})

_BARE_LINE_END = re.compile(rb"\r(?!\n)|(?<!\r)\n")


class NotSendableError(ValueError):
    """Raised for bytes that must not go out: they are not what their row says."""


def retry_after(tries: int) -> timedelta | None:
    """Return how long to wait after the ``tries``-th deferral (from 1); None: it has failed.

    >>> retry_after(1), retry_after(9)
    (datetime.timedelta(seconds=300), None)
    """
    return RETRIES[tries - 1] if tries <= len(RETRIES) else None


def check_sendable(raw: bytes, kind: str, recipient: str, message_id: str) -> None:
    """Raise NotSendableError unless ``raw`` is the mail of ``kind`` to ``recipient`` called ``message_id``.

    Line ends are CRLF throughout (a bare one could end the mail early on some servers), all is ASCII,
    and an order carries its PDF.
    """
    if _BARE_LINE_END.search(raw):
        raise NotSendableError("a line of the mail does not end in CRLF")
    if not raw.isascii():
        raise NotSendableError("the mail is not plain ASCII")
    message = message_from_bytes(raw)
    if message.get_all("Message-ID") != [message_id]:
        raise NotSendableError(f"the mail is not {message_id}")
    if [_address(value) for value in message.get_all("To", [])] != [recipient.casefold()]:
        raise NotSendableError(f"the mail is not addressed to {recipient} alone")
    if kind in ORDER_KINDS and not any(_is_pdf(part) for part in message.walk()):
        raise NotSendableError("the order has no PDF")


def _address(value: str) -> str:
    return parseaddr(value)[1].casefold()


def _is_pdf(part: Message) -> bool:
    if part.get_content_type() != "application/pdf":
        return False
    content = part.get_payload(decode=True)
    return isinstance(content, bytes) and content.startswith(b"%PDF-")


def dot_stuffed(raw: bytes) -> bytes:
    """Return ``raw`` (lines end in CRLF) as DATA carries it, without the final dot (RFC 5321 4.5.2).

    >>> dot_stuffed(b"one\\r\\n.two")
    b'one\\r\\n..two\\r\\n'
    """
    stuffed = re.sub(rb"(?m)^\.", b"..", raw)
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"
