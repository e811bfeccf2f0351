"""Delivery status notifications (RFC 3464): what they say of each recipient."""

import re
from dataclasses import dataclass

from parsers.message import Message
from parsers.message_headers import addresses, decode_header, split_fields
from parsers.message_parts import Leaf

_STATUS = re.compile(r"\b([245])\.\d{1,3}\.\d{1,3}\b")
_DELIVERED = ("delivered", "relayed", "expanded")


@dataclass(frozen=True)
class RecipientStatus:
    """One recipient group of a DSN: ``action`` lower case, ``status`` as written ("5.1.1")."""

    recipient: str
    action: str
    status: str
    diagnostic: str


def status_leaves(message: Message) -> list[Leaf]:
    """Return the parts of ``message`` that are delivery reports, its own ones only."""
    return [
        leaf
        for leaf in message.own_leaves
        if leaf.media_type in ("message/delivery-status", "message/global-delivery-status")
        or (leaf.media_type == "text/plain" and leaf.data[:40].lower().startswith(b"reporting-mta:"))
    ]


def read_status(leaf: Leaf) -> list[RecipientStatus]:
    """Return the recipient groups of a delivery report; a damaged one gives what can be read."""
    found = []
    for block in re.split(r"\n\s*\n", (leaf.text or "").replace("\r\n", "\n")):
        fields, _, _ = split_fields(block.encode("utf-8", "replace"))
        values = {name.lower(): decode_header(raw) for name, raw in reversed(fields)}
        if group := _group(values):
            found.append(group)
    return found


def _group(values: dict[str, str]) -> RecipientStatus | None:
    # The address we wrote to comes first: the final one may be that of an alias or a gateway.
    shown = [values.get(name, "") for name in ("original-recipient", "final-recipient", "x-actual-recipient")]
    if not any(shown) and "action" not in values:
        return None
    recipient = next((_recipient(text) for text in shown if _recipient(text)), "")
    action = re.sub(r"[^a-z]", "", values.get("action", "").lower().split("(")[0])
    status = _STATUS.search(values.get("status", ""))
    diagnostic = values.get("diagnostic-code", "")
    return RecipientStatus(recipient, action, status.group(0) if status else "", diagnostic)


def _recipient(text: str) -> str:
    """Return the address after its type (``rfc822; a@b.example``)."""
    written = text.split(";", 1)[-1].strip()
    found = [a for a in addresses(written) if "." in a.partition("@")[2]]
    return found[0] if found else ""


def is_success(groups: list[RecipientStatus]) -> bool:
    """Whether a report says only that mail arrived."""
    return bool(groups) and all(g.action in _DELIVERED or (not g.action and g.status[:1] == "2") for g in groups)
