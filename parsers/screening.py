"""Whether a person wrote a message or a machine did, and what the machine wanted to say.

Only ``human`` messages are ever read as answers. Follows RFC 3834 for automatic replies, RFC 3464
for delivery reports and RFC 8098 for read receipts; real machines often follow none of them.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cache

from parsers import dates
from parsers.message import Message
from parsers.message_headers import addresses
from parsers.own_words import own_words
from parsers.phrases import any_of, compiled, load
from parsers.screening_bounce import find_bounce, pattern, report_text

MOST_HOPS = 30


@dataclass(frozen=True)
class Screened:
    """What kind of message it is and the ``reasons`` for thinking so.

    ``kind``: human, bounce, auto_reply, newsletter, loop, challenge or read_receipt. ``automatic`` is
    true where a program sent it, whatever it says. ``no_answer`` says why a machine must not answer it,
    "" where it may. ``permanent`` and ``state`` are of bounces, ``back_on`` and ``deputy`` of absence notes
    that state them.
    """

    kind: str = "human"
    reasons: tuple[str, ...] = ()
    automatic: bool = False
    state: str = ""
    permanent: bool | None = None
    recipients: tuple[str, ...] = ()
    reason: str = ""
    original_message_id: str = ""
    back_on: date | None = None
    deputy: str = ""
    no_answer: str = ""


def screen(message: Message, own_addresses: Collection[str] = ()) -> Screened:
    """Return what kind of message it is; ``own_addresses`` are the desk's own, for finding loops."""
    if reason := _loop(message, own_addresses):
        return Screened("loop", (reason,), automatic=True)
    bounce = find_bounce(message)
    if not bounce and (reason := _read_receipt(message)):
        return Screened("read_receipt", (reason,), automatic=True)
    if bounce:
        return Screened(
            "bounce",
            bounce.signs,
            True,
            bounce.state,
            bounce.permanent,
            bounce.recipients,
            bounce.reason,
            bounce.original_message_id,
        )
    if any(leaf.media_type == "message/feedback-report" for leaf in message.own_leaves):
        return Screened("auto_reply", ("it carries a feedback report",), automatic=True)
    if reasons := _auto_reply(message):
        return _absence(message, reasons)
    if reason := _challenge(message):
        return Screened("challenge", (reason,), automatic=True)
    if reasons := _newsletter(message):
        return Screened("newsletter", reasons, automatic=True)
    signs = tuple(_machine_signs(message))
    return Screened(reasons=signs, automatic=bool(signs), no_answer="; ".join(signs) or _no_answer(message))


def _no_answer(message: Message) -> str:
    """Return why a machine must not answer what a person may have written (RFC 3834 2), "" where it may."""
    if message.return_path == "":
        return "its return path is empty"
    for name in ("x-auto-response-suppress", "x-loop"):
        if message.all(name):
            return f"header {name}"
    local = message.from_address.partition("@")[0]
    if pattern("no_answer", "mailboxes").fullmatch(local):
        return f"{local}@ is nobody's mailbox"
    return ""


def _loop(message: Message, own_addresses: Collection[str]) -> str:
    if message.from_address and message.from_address in own_addresses:
        return "it comes from an address of the desk itself"
    if len(message.all("received")) > MOST_HOPS:
        return f"it passed more than {MOST_HOPS} servers"
    return ""


def _read_receipt(message: Message) -> str:
    if any(leaf.media_type == "message/disposition-notification" for leaf in message.own_leaves):
        return "it carries a disposition notification"
    subject = message.subject
    is_machine = bool(_machine_signs(message)) or message.return_path == ""
    if is_machine and pattern("read_receipt", "subjects").match(subject.strip()):
        return "its subject is that of a read receipt"
    return ""


def _auto_reply(message: Message) -> tuple[str, ...]:
    submitted = message.get("auto-submitted").lower()
    reasons = []
    if submitted.startswith(("auto-replied", "auto-notified")):
        reasons.append(f"Auto-Submitted: {submitted}")
    for name in load("screening")["auto_reply"]["headers"]:
        value = message.get(name).lower()
        if value and value not in ("no", "false", "0"):
            reasons.append(f"header {name}")
    if message.get("precedence").lower() == "auto_reply":
        reasons.append("Precedence: auto_reply")
    if reasons:
        return tuple(reasons)
    return _by_words(message)


def _by_words(message: Message) -> tuple[str, ...]:
    """Half of all absence notes carry no header that says so: subject and text must do."""
    subject = _answered().sub("", message.subject).strip()
    in_subject = pattern("auto_reply", "subjects").match(subject)
    machine = _machine_signs(message) or message.return_path == "" or message.all("x-auto-response-suppress")
    if not in_subject and not machine:
        return ()
    in_text = pattern("auto_reply", "bodies").search(own_words(message).text[:1500])
    if in_subject and (in_text or machine or _is_plain_notice(subject)):
        return ("its subject is that of an automatic reply",)
    if in_text and (message.return_path == "" or message.get("x-auto-response-suppress")):
        return ("its text is that of an absence note sent by a machine",)
    return ()


@cache
def _answered() -> re.Pattern[str]:
    marks = any_of(load("intent")["reply"]["marks"])
    return re.compile(rf"^\s*(?:{marks}\s*:\s*)+", re.IGNORECASE)


def _is_plain_notice(subject: str) -> bool:
    """Subjects that only machines write, in any language."""
    return bool(pattern("auto_reply", "plain").match(subject))


def _machine_signs(message: Message) -> list[str]:
    signs = []
    submitted = message.get("auto-submitted").lower()
    if submitted and not submitted.startswith("no"):
        signs.append(f"Auto-Submitted: {submitted}")
    precedence = message.get("precedence").lower().strip()
    if precedence in ("bulk", "junk", "list", "auto_reply"):
        signs.append(f"Precedence: {precedence}")
    if message.all("list-id") or message.all("list-unsubscribe"):
        signs.append("a mailing list header")
    return signs


def _absence(message: Message, reasons: tuple[str, ...]) -> Screened:
    text = own_words(message).text[:3000]
    return Screened("auto_reply", reasons, True, back_on=_back_on(message, text), deputy=_deputy(message, text))


def _back_on(message: Message, text: str) -> date | None:
    """Return the one date that the note says the absence ends on, None where it says none or several."""
    today = message.local_date.date() if message.local_date else None
    words = any_of(load("screening")["auto_reply"]["until"])
    marks = compiled(rf"\b{words}\b").finditer(text)
    found: set[date] = set()
    for mark in marks:
        near = [d for d in dates.find_dates(text[mark.end() : mark.end() + 40], today=today) if d.span[0] <= 12]
        found.update(d.value for d in near if d.value and (today is None or d.value >= today))
    return max(found) if found else None


def _deputy(message: Message, text: str) -> str:
    """Return the address that the note names for the meantime, "" if it names none."""
    words = any_of(load("screening")["auto_reply"]["deputy"])
    own = {message.from_address, *message.recipients}
    for mark in compiled(rf"\b{words}").finditer(text):
        named = [a for a in addresses(text[mark.start() : mark.end() + 200]) if a not in own]
        if named:
            return named[0]
    return ""


def _challenge(message: Message) -> str:
    text = f"{message.subject}\n{report_text(message)[:1200]}"
    found = pattern("challenge", "patterns").search(text)
    return f"it asks to prove the sender: {found.group(0)!r}" if found else ""


def _newsletter(message: Message) -> tuple[str, ...]:
    if message.in_reply_to or message.references:
        return ()
    signs = [sign for sign in _machine_signs(message) if not sign.startswith("Auto-Submitted")]
    if not signs:
        return ()
    found = pattern("newsletter", "unsubscribe").search(report_text(message))
    if found or message.all("list-unsubscribe"):
        return (*signs, f"it offers to unsubscribe: {found.group(0)!r}" if found else "List-Unsubscribe")
    return ()
