"""Who wrote a message, and whether the desk may act on their word."""

from collections.abc import Sequence
from dataclasses import dataclass

from intake.authentication import border_verdict, canonical_domain
from intake.dkim_signature import verify_dkim
from intake.lookalike import lookalike
from intake.txt_lookup import Lookup, LookupFailedError, txt_record
from parsers.message import Message
from procurement.trust import ENVELOPE

TEMPORARY = "temporary"

__all__ = ["TEMPORARY", "Lookup", "Trust", "assess", "lookalike"]


@dataclass(frozen=True)
class Trust:
    """The one author of a message and whether the address is proven.

    ``address`` is None where From does not name exactly one mailbox. ``how`` is "border" (the
    organisation's mail border vouches), "dkim" (verified by us), or, without being proof, "envelope" (the border
    found SPF of the author's domain and no more); ``reason`` is a sentence, or begins with ``TEMPORARY`` where
    the DNS did not answer.
    """

    address: str | None
    authenticated: bool
    how: str | None
    reason: str


def assess(message: Message, raw: bytes, borders: Sequence[str], lookup: Lookup = txt_record) -> Trust:
    """Return who wrote ``message`` (parsed from ``raw``) and whether that is proven.

    An organisation with ``borders`` (authserv-ids) trusts their results only; one without verifies DKIM.
    """
    if message.sender is None:
        return Trust(None, False, None, "The From field does not name exactly one plain mailbox.")
    address = message.sender.address
    domain = canonical_domain(address.rpartition("@")[2])
    if not domain:
        return Trust(address, False, None, "The sender's domain is not a domain.")
    if borders:
        verdict = border_verdict(message.raw_fields, borders, domain)
        how = "border" if verdict.passed else ENVELOPE if verdict.envelope else None
        return Trust(address, verdict.passed, how, verdict.reason)
    try:
        signature = verify_dkim(raw, _from_value(message), domain, lookup)
    except LookupFailedError as error:
        return Trust(address, False, None, f"{TEMPORARY}: {error}.")
    return Trust(address, signature.passed, "dkim" if signature.passed else None, signature.reason)


def _from_value(message: Message) -> bytes:
    return next((raw for name, raw in message.raw_fields if name.lower() == "from"), b"")
