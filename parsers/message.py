"""A mail message as values: headers decoded once, every leaf, nested messages, and who wrote it.

``parse_message`` takes any bytes and never raises: what breaks a limit or cannot be read becomes a
Problem, and what was read so far stays.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property

from parsers import message_containers, message_parts, message_scan
from parsers.message_headers import Header, Mailbox, addresses, decode_header, split_fields, strict_mailbox
from parsers.message_parts import MESSAGE_TYPES, Leaf, Nested, Walk
from records.problems import Code, Problem

_MESSAGE_ID = re.compile(r"<[^<>\s]{1,500}>")
_KNOWN_FIELDS = frozenset(
    (
        "from to subject date message-id mime-version content-type received return-path reply-to cc sender "
        "delivered-to x-mailer content-transfer-encoding in-reply-to references dkim-signature user-agent "
        "authentication-results arc-seal x-original-to envelope-to final-recipient bcc list-id"
    ).split()
)
_HTML_START = re.compile(rb"\s*(?:<!doctype html|<html|<head|<body|<div|<p[ >]|<br|<meta|<span|<table)", re.IGNORECASE)


@dataclass(frozen=True)
class NestedMessage:
    """A message carried whole inside another, with the path of the part that held it."""

    path: str
    message: "Message"


@dataclass(frozen=True)
class Message:
    """One parsed message. ``leaves`` holds its own leaves, then those of what it carries, in order."""

    headers: tuple[Header, ...] = ()
    leaves: tuple[Leaf, ...] = ()
    nested: tuple[NestedMessage, ...] = ()
    problems: tuple[Problem, ...] = ()
    sender: Mailbox | None = None
    size: int = 0
    raw_fields: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of the header ``name`` (any case), decoded, in order."""
        return self._by_name.get(name.lower(), ())

    def get(self, name: str) -> str:
        """Return the first value of the header ``name``, "" if absent."""
        values = self._by_name.get(name.lower())
        return values[0] if values else ""

    @cached_property
    def _by_name(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for header in self.headers:
            found.setdefault(header.name.lower(), []).append(header.text)
        return {name: tuple(values) for name, values in found.items()}

    @cached_property
    def subject(self) -> str:
        """The first Subject, decoded; "" if absent."""
        return self.get("subject")

    @cached_property
    def message_id(self) -> str:
        """The Message-ID in its angle brackets, as written where it has none, "" if absent."""
        written = self.get("message-id")
        found = _MESSAGE_ID.search(written)
        return found.group(0) if found else written.strip()[:500]

    @cached_property
    def in_reply_to(self) -> tuple[str, ...]:
        """The message ids of In-Reply-To."""
        return tuple(_MESSAGE_ID.findall(self.get("in-reply-to")))

    @cached_property
    def references(self) -> tuple[str, ...]:
        """The message ids of References, oldest first."""
        return tuple(_MESSAGE_ID.findall(self.get("references")))

    @cached_property
    def sent_at(self) -> datetime | None:
        """The Date header in UTC; None where it is absent or cannot be a date."""
        local = self.local_date
        return local.astimezone(UTC) if local else None

    @cached_property
    def local_date(self) -> datetime | None:
        """The Date header with the author's own offset: what "tomorrow" counts from."""
        try:
            found = parsedate_to_datetime(self.get("date")[:200])
            found = found if found.tzinfo else found.replace(tzinfo=UTC)
            found.astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        return found

    @cached_property
    def reply_to(self) -> tuple[str, ...]:
        """The addresses of Reply-To."""
        return addresses(self.get("reply-to"))

    @cached_property
    def recipients(self) -> tuple[str, ...]:
        """The addresses of To and Cc."""
        return addresses(", ".join((*self.all("to"), *self.all("cc"))))

    @cached_property
    def return_path(self) -> str | None:
        """The envelope sender: "" is the null sender, None where no Return-Path is given."""
        values = self.all("return-path")
        if not values:
            return None
        found = addresses(values[0])
        return found[0] if found else ("" if re.fullmatch(r"\s*<?\s*>?\s*", values[0]) else values[0].lower())

    @cached_property
    def from_address(self) -> str:
        """The address of From for display: strict where it can be, the first one shown where it cannot."""
        if self.sender:
            return self.sender.address
        found = addresses(self.get("from"))
        return found[0] if found else ""

    @cached_property
    def fingerprint(self) -> str:
        """A hash of what the author sent: equal for one mail delivered to two mailboxes.

        Over Message-ID, From, Date, Subject and the leaves; trace fields do not count.
        """
        digest = hashlib.sha256()
        for name in ("message-id", "from", "date", "subject"):
            digest.update("\n".join((name, *self.all(name), "")).encode("utf-8", "surrogatepass"))
        for leaf in self.leaves:
            digest.update(leaf.sha256.encode("ascii"))
        return digest.hexdigest()

    @property
    def own_leaves(self) -> Iterator[Leaf]:
        """The leaves of this message itself, without those of nested messages and containers."""
        return (leaf for leaf in self.leaves if not leaf.inside)


def parse_message(data: bytes) -> Message:
    """Return ``data`` as a Message; never raises. Outlook .msg bytes are read as the mail they hold."""
    return _parse(data, 0)


def _parse(data: bytes, depth: int) -> Message:
    if data.startswith(message_containers.OLE_MAGIC):
        from parsers.message_msg import read_msg

        fields, walk = read_msg(data)
        return _assemble(fields, walk, len(data), depth)
    data = _from_first_field(_with_line_feeds(data))
    refused = message_scan.scan_header(data)
    if refused:
        return _refused(data, refused)
    fields, _, _ = split_fields(data)
    if not any(name.lower() in _KNOWN_FIELDS for name, _ in fields):
        return _bare_body(data)
    walk = Walk()
    message_parts.walk_parts(data, walk)
    return _assemble(fields, walk, len(data), depth)


def _with_line_feeds(data: bytes) -> bytes:
    """Old Mac line ends, where the file has no other, become line feeds."""
    head = data[:65536]
    return data.replace(b"\r", b"\n") if b"\r" in head and b"\n" not in head else data


def _from_first_field(data: bytes) -> bytes:
    """Blank space before the first header field is damage done on the way."""
    if data[:1] not in (b" ", b"\t", b"\r", b"\n"):
        return data
    stripped = data.lstrip(b" \t\r\n")
    first = stripped[:200].split(b":", 1)[0].lower().decode("latin-1")
    return stripped if first in _KNOWN_FIELDS else data


def _refused(data: bytes, problem: Problem) -> Message:
    """A message whose header may not be parsed: its bytes stay one leaf, nothing else is believed."""
    leaf = Leaf("message/rfc822", data)  # a mail, and no document to read
    fields, _, _ = split_fields(data[: message_scan.ONE_HEADER // 4])
    headers = tuple(Header(n, r, decode_header(r)) for n, r in fields[:50])
    return Message(headers=headers, leaves=(leaf,), problems=(problem,), size=len(data))


def _bare_body(data: bytes) -> Message:
    """Text or HTML saved without its header."""
    media_type = "text/html" if _HTML_START.match(data) else "text/plain"
    return Message(leaves=(Leaf(media_type, data),), size=len(data))


def _assemble(fields: list[tuple[str, bytes]], walk: Walk, size: int, depth: int) -> Message:
    headers = tuple(Header(name, raw, decode_header(raw)) for name, raw in fields)
    problems = list(walk.problems)
    sender = _one_sender(headers, problems)
    leaves: list[Leaf] = []
    nested: list[NestedMessage] = []
    messages = {id(leaf): found for leaf, found in _message_leaves(walk)}
    for leaf in walk.leaves:
        leaves.append(leaf)
        _open_leaf(leaf, messages.get(id(leaf)), depth, leaves, nested, problems)
    unique = tuple(dict.fromkeys(problems))
    return Message(headers, tuple(leaves), tuple(nested), unique, sender, size, tuple(fields))


def _message_leaves(walk: Walk) -> Iterator[tuple[Leaf, Nested]]:
    by_path = {found.path: found for found in walk.nested}
    for leaf in walk.leaves:
        if leaf.media_type in MESSAGE_TYPES and leaf.path in by_path:
            yield leaf, by_path[leaf.path]


def _open_leaf(
    leaf: Leaf,
    message: Nested | None,
    depth: int,
    leaves: list[Leaf],
    nested: list[NestedMessage],
    problems: list[Problem],
) -> None:
    if message or _is_mail_file(leaf):
        _add_nested(leaf, depth, leaves, nested, problems)
        return
    opened = message_containers.open_container(leaf)
    if opened is None:
        if leaf.media_type == "application/pgp-encrypted" or leaf.data[:27] == b"-----BEGIN PGP MESSAGE-----":
            problems.append(Problem(Code.ENCRYPTED, "The message is encrypted with PGP."))
        return
    problems.extend(opened.problems)
    if depth >= message_containers.DEPTH:
        problems.append(Problem(Code.QUARANTINED, "Containers are packed too deep in one another."))
        return
    for number, member in enumerate(opened.members, 1):
        _add_member(leaf, member, number, depth, leaves, nested, problems)


def _is_mail_file(leaf: Leaf) -> bool:
    """A saved message attached as a file: .eml by its name, Outlook .msg by name and signature."""
    name = (leaf.filename or "").lower()
    if leaf.data.startswith(message_containers.OLE_MAGIC):
        return name.endswith(".msg") or leaf.media_type == "application/vnd.ms-outlook"
    return name.endswith(".eml") and not leaf.media_type.startswith("multipart/")


def _add_nested(
    leaf: Leaf, depth: int, leaves: list[Leaf], nested: list[NestedMessage], problems: list[Problem]
) -> None:
    if depth + 1 >= message_scan.DEPTH:
        problems.append(Problem(Code.POISON, f"The message nests messages more than {message_scan.DEPTH} deep."))
        return
    inner = _parse(leaf.data.lstrip(b"\r\n"), depth + 1)
    nested.append(NestedMessage(leaf.path, inner))
    problems.extend(p for p in inner.problems if p.code in (Code.POISON, Code.QUARANTINED))
    for found in inner.leaves:
        if len(leaves) >= 2 * message_scan.PARTS:
            problems.append(Problem(Code.POISON, f"The message has more than {message_scan.PARTS} parts."))
            return
        leaves.append(_placed(found, leaf, found.inside or "message/rfc822"))


def _add_member(
    leaf: Leaf,
    member: message_containers.Member,
    number: int,
    depth: int,
    leaves: list[Leaf],
    nested: list[NestedMessage],
    problems: list[Problem],
) -> None:
    if member.media_type == "message/x-mime-entity":
        walk = Walk()
        message_parts.walk_parts(member.data, walk, path=leaf.path)
        problems.extend(walk.problems)
        leaves.extend(walk.leaves)
        return
    found = Leaf(member.media_type, member.data, member.name, charset=None, path=str(number))
    placed = _placed(found, leaf, leaf.media_type)
    leaves.append(placed)
    _open_leaf(placed, None, depth + 1, leaves, nested, problems)


def _placed(leaf: Leaf, outer: Leaf, inside: str) -> Leaf:
    return Leaf(
        leaf.media_type,
        leaf.data,
        leaf.filename,
        leaf.charset,
        f"{outer.path}/{leaf.path}",
        leaf.parent,
        inside,
        leaf.disposition,
        leaf.content_id,
        leaf.flowed,
        leaf.del_sp,
    )


def _one_sender(headers: tuple[Header, ...], problems: list[Problem]) -> Mailbox | None:
    """Return who wrote it: exactly one From field with exactly one mailbox and no defect, else None."""
    froms = [header for header in headers if header.name.lower() == "from"]
    bare_return = [h for h in headers if re.search(rb"\r(?!\n)", h.raw)]
    if bare_return:
        problems.append(Problem(Code.UNREADABLE, "A header field hides another behind a bare carriage return."))
        return None
    if len(froms) != 1:
        if froms:
            problems.append(Problem(Code.SENDER_NOT_AUTHENTICATED, "The message has more than one From field."))
        return None
    sender = strict_mailbox(froms[0].raw)
    if sender is None and froms[0].raw.strip():
        problems.append(Problem(Code.SENDER_NOT_AUTHENTICATED, "The From field is not one plain mailbox."))
    return sender
