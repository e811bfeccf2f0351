"""Whether a message is a bounce: from delivery reports first, then from how daemons write."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from parsers.message import Message
from parsers.message_headers import addresses
from parsers.own_words_lines import body_leaves, html_body
from parsers.phrases import any_of, load
from parsers.screening_dsn import RecipientStatus, is_success, read_status, status_leaves

_TEXT = 20_000
_ADDRESS = r"[A-Za-z0-9._%+=&'/~#$*!?^`{|}-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}(?![\w-])"
_FIRST_ON_LINE = re.compile(
    rf"^[\s>*•-]{{0,20}}(?:smtp:|mailto:|rfc822;)?[<\[]?\"?({_ADDRESS})\"?[>\]]?(?:[\s:.,;(\[]|$)", re.M
)
_NAMED = re.compile(
    rf"(?:(?:recipients?|address(?:es)?|user|empfänger|destinataires?|destinatari[oa]s?|ontvangers?|"
    rf"odbiorc\w+|rcpt to|smtp)"
    rf"[\s:=(<\"'\[]{{1,12}}|\b(?:to|for|an|à|para|aan)[\s(<\"'\[]{{1,6}}|=)(?:smtp:|mailto:)?({_ADDRESS})",
    re.IGNORECASE,
)
_ANY = re.compile(_ADDRESS)
_CODE = re.compile(r"(?<![\d.])([45])(?:\.\d{1,2}\.\d{1,3}|\d\d(?=[ -]))(?![\d])")
_ENHANCED = re.compile(r"(?<![\d.])([45])\.\d{1,2}\.\d{1,3}(?![\d.])")


@dataclass(frozen=True)
class Bounce:
    """A failed or delayed delivery: ``state`` is delayed, failed_soft or failed_hard."""

    state: str
    recipients: tuple[str, ...]
    reason: str
    original_message_id: str
    signs: tuple[str, ...]

    @property
    def permanent(self) -> bool:
        """Whether no further attempt can help."""
        return self.state == "failed_hard"


@cache
def pattern(table: str, key: str) -> re.Pattern[str]:
    """Return the phrases of the screening data as one pattern."""
    return re.compile(any_of(load("screening")[table][key]), re.IGNORECASE)


def find_bounce(message: Message) -> Bounce | None:
    """Return what ``message`` reports as undelivered, None if it is no bounce."""
    if _is_other_report(message):
        return None
    groups = [group for leaf in status_leaves(message) for group in read_status(leaf)]
    if is_success(groups):
        return None
    text = report_text(message)
    signs = _signs(message, text, bool(groups))
    if not groups and _weight(signs) < 4:
        return None
    if groups and not _reports(message, groups):
        return None
    state = _state_of_groups(groups, text) or _state_of_text(message.subject, text)
    recipients = _recipients(message, groups, text)
    return Bounce(state, recipients, _reason(groups, text), _original_id(message, text), tuple(signs))


def _is_other_report(message: Message) -> bool:
    """Feedback reports (RFC 5965) and disposition notifications (RFC 8098) are reports, not bounces."""
    kinds = {leaf.media_type for leaf in message.own_leaves}
    if "message/disposition-notification" in kinds:
        return not re.search("reject|undeliver|quota", message.subject, re.IGNORECASE)
    return "message/feedback-report" in kinds


def _reports(message: Message, groups: Sequence[RecipientStatus]) -> bool:
    """A delivery report that somebody attached to an ordinary mail is not this message's report."""
    content_type = message.get("content-type").lower()
    return "multipart/report" in content_type or any(g.action or g.status for g in groups)


def report_text(message: Message) -> str:
    """Return the human part of a report."""
    plain, html = body_leaves(message)
    text = "\n".join(leaf.text or "" for leaf in plain)
    if not text.strip() and html:
        text = html_body(html).text
    if not text.strip():
        named = (leaf.text for leaf in message.own_leaves if leaf.media_type == "text/plain")
        text = next((t for t in named if t), "")
    return text[:_TEXT].replace("\r\n", "\n")


def _signs(message: Message, text: str, has_status: bool) -> list[str]:
    announced = "delivery-status" in message.get("content-type").lower()
    signs = ["delivery status part"] if has_status or announced else []
    writer = message.get("from") or message.get("sender")
    if pattern("bounce", "senders").search(writer) or re.search(r"<>\s*$", writer):
        signs.append("written by a mail daemon")
    if message.return_path is not None and (not message.return_path or "mailer-daemon" in message.return_path):
        signs.append("null envelope sender")
    subject = message.subject
    is_reply = bool(re.match(r"\s*(?:re|aw|sv|antw|fwd?|wg|tr|rv|odp)\s*:", subject, re.IGNORECASE))
    if not is_reply and pattern("bounce", "subjects").search(subject):
        signs.append("subject of a bounce")
    if message.all("x-failed-recipients"):
        signs.append("X-Failed-Recipients")
    if signs and pattern("bounce", "bodies").search(_before_copy(text)):
        signs.append("text of a bounce")
    if any(leaf.media_type in ("message/rfc822", "text/rfc822-headers") for leaf in message.own_leaves):
        signs.append("returned message attached")
    return signs


_WEIGHTS = {
    "delivery status part": 3,
    "written by a mail daemon": 2,
    "null envelope sender": 1,
    "subject of a bounce": 2,
    "X-Failed-Recipients": 3,
    "text of a bounce": 2,
    "returned message attached": 1,
}


def _weight(signs: Sequence[str]) -> int:
    """Text and attachment alone prove nothing: people forward bounces and talk about them."""
    machine = {"written by a mail daemon", "null envelope sender", "X-Failed-Recipients", "delivery status part"}
    from_machine = machine & set(signs)
    return sum(_WEIGHTS[sign] for sign in signs) if from_machine else 0


def _before_copy(text: str) -> str:
    found = re.search(any_of(load("screening")["bounce"]["copies"]), text, re.IGNORECASE | re.MULTILINE)
    return text[: found.start()] if found and found.start() > 40 else text


def _state_of_groups(groups: Sequence[RecipientStatus], text: str) -> str:
    states = []
    for group in groups:
        if group.action in ("delivered", "relayed", "expanded"):
            continue
        if group.action == "delayed":
            states.append("delayed")
            continue
        code = group.status[:1] or _first_code(group.diagnostic)
        states.append("failed_soft" if code == "4" else "failed_hard" if code or group.action == "failed" else "")
    known = [state for state in states if state]
    return max(known, key=("delayed", "failed_soft", "failed_hard").index) if known else ""


def _first_code(text: str) -> str:
    found = _ENHANCED.search(text) or _CODE.search(text)
    return found.group(1) if found else ""


def _state_of_text(subject: str, text: str) -> str:
    head = f"{subject}\n{_before_copy(text)}"
    delayed, final = pattern("bounce", "delayed").search(head), pattern("bounce", "final").search(head)
    if delayed and not final:
        return "delayed"
    code = _first_code(_before_copy(text))
    if code == "4" or (not code and pattern("bounce", "temporary").search(head)):
        return "failed_soft"
    return "failed_hard"


def _recipients(message: Message, groups: Sequence[RecipientStatus], text: str) -> tuple[str, ...]:
    failed = [g.recipient for g in groups if g.recipient and g.action not in ("delivered", "relayed", "expanded")]
    if failed:
        return tuple(dict.fromkeys(failed))
    stated = addresses(", ".join(message.all("x-failed-recipients")))
    if stated:
        return stated
    found = _text_recipients(message, _before_copy(text)) or _text_recipients(message, text)
    return found or _library_recipients(message)


def _text_recipients(message: Message, text: str) -> tuple[str, ...]:
    known = {message.from_address, *message.recipients, *addresses(message.get("reply-to"))}
    daemons = re.compile(r"mailer-daemon|postmaster|abuse@|^daemon@|no-?reply", re.IGNORECASE)
    for finder in (_FIRST_ON_LINE, _NAMED, _ANY):
        shown = [a.lower().strip(".") for a in finder.findall(text)]
        kept = tuple(dict.fromkeys(a for a in shown if a not in known and not daemons.search(a)))
        if kept:
            return kept if finder is not _ANY else kept[:1]
    return ()


def _library_recipients(message: Message) -> tuple[str, ...]:
    """Ask flufl.bounce, which knows many old formats, about what is left of the message."""
    if message.size > 200_000:
        return ()
    from email import message_from_bytes

    from flufl.bounce import scan_message

    fields = b"".join(name.encode("latin-1") + b": " + raw + b"\n" for name, raw in message.raw_fields)
    body = next((leaf.data for leaf in message.own_leaves), b"")
    try:
        found = scan_message(message_from_bytes(fields + b"\n" + body))
    except Exception:  # a third-party parser on bytes from outside
        return ()
    return tuple(a.decode("ascii", "replace").lower() if isinstance(a, bytes) else str(a).lower() for a in found)


def _reason(groups: Sequence[RecipientStatus], text: str) -> str:
    diagnostic = next((g.diagnostic for g in groups if g.diagnostic), "")
    if diagnostic:
        return diagnostic.split(";", 1)[-1].strip()[:300]
    for line in _before_copy(text).split("\n"):
        if pattern("bounce", "bodies").search(line) and len(line.strip()) > 10:
            return line.strip()[:300]
    return next((g.status for g in groups if g.status), "")


def _original_id(message: Message, text: str) -> str:
    """The id of the message that did not arrive: from its copy, else from the report's own thread."""
    for nested in message.nested:
        if nested.message.message_id:
            return nested.message.message_id
    for leaf in message.own_leaves:
        if not leaf.media_type.endswith("rfc822-headers"):
            continue
        if found := re.search(r"^message-id:\s*(<[^>\s]+>)", leaf.text or "", re.IGNORECASE | re.MULTILINE):
            return found.group(1)
    found = re.search(r"^[ \t>]*message-id:\s*(<[^>\s]+>)", text, re.IGNORECASE | re.MULTILINE)
    return found.group(1) if found else next(iter(message.in_reply_to), "")
