"""DKIM (RFC 6376) verified by ourselves, and only where a signature covers what a person reads.

A signature that leaves the end of the body open (l=), that does not cover From, Subject and Date, or
whose fields occur more than once in the mail proves nothing here, whatever the mathematics say.
"""

import binascii
import re
from collections import Counter
from dataclasses import dataclass

import dkim

from intake.authentication import canonical_domain, is_aligned
from intake.txt_lookup import Lookup

ALGORITHMS = frozenset({b"rsa-sha256", b"ed25519-sha256"})  # RFC 8301
MOST_SIGNATURES = 5
LARGEST = 50 * 1024 * 1024
SLOWEST = 200_000_000  # steps that blanks at the end of lines may cost the canonicalisation

_COVERED = (b"from", b"subject", b"date")
_ONCE = (b"from", b"subject", b"date", b"to", b"message-id", b"content-type", b"content-transfer-encoding")
_BLANKS = re.compile(rb"[ \t]{32,}")
# What dkimpy raises on hostile input beside its own errors.
_BROKEN = (dkim.DKIMException, binascii.Error, ValueError, LookupError, TypeError, AttributeError)


@dataclass(frozen=True)
class DkimVerdict:
    """Whether a valid signature speaks for the From domain, and why (a sentence)."""

    passed: bool
    reason: str


def verify_dkim(raw: bytes, from_value: bytes, domain: str, lookup: Lookup) -> DkimVerdict:
    """Return whether ``raw`` carries a valid signature aligned with ``domain``, the domain of From.

    ``from_value`` is the From field as our parser read it; dkimpy must have read the same. Raises
    LookupFailedError where the DNS did not answer.
    """
    if len(raw) > LARGEST or sum(len(run) ** 2 for run in _BLANKS.findall(raw)) > SLOWEST:
        return DkimVerdict(False, "The mail is too large or too strange to verify its signature.")
    try:
        signed = dkim.DKIM(raw)
        names = Counter(name.lower() for name, _ in signed.headers)
        values = [value for name, value in signed.headers if name.lower() == b"from"]
    except _BROKEN:
        return DkimVerdict(False, "The header of the mail is malformed.")
    if any(names[name] > 1 for name in _ONCE) or [_squeezed(one) for one in values] != [_squeezed(from_value)]:
        return DkimVerdict(False, "A field that may occur once occurs more often.")
    if not names[b"dkim-signature"]:
        return DkimVerdict(False, "The mail carries no DKIM signature.")
    verdict = DkimVerdict(False, "No signature of the sender's domain is valid.")
    for number in range(min(names[b"dkim-signature"], MOST_SIGNATURES)):
        verdict = _verify_one(dkim.DKIM(raw), number, names, domain, lookup)
        if verdict.passed:
            break
    return verdict


def _squeezed(value: bytes) -> bytes:
    return b" ".join(value.split())


def _verify_one(signed: dkim.DKIM, number: int, names: "Counter[bytes]", domain: str, lookup: Lookup) -> DkimVerdict:
    try:
        tags, covered, _ = signed.verify_headerprep(number)
        if weakness := _weakness(tags, covered, names, domain):
            return DkimVerdict(False, weakness)
        record = lookup(f"{_text(tags[b's'])}._domainkey.{_text(tags[b'd'])}")
        if record is None or _is_testing(record):
            return DkimVerdict(False, "The key of the signature is not published, or for testing only.")
        valid = signed.verify(number, dnsfunc=lambda name, timeout=5: record)
    except _BROKEN:
        return DkimVerdict(False, "The signature is malformed or does not fit the mail.")
    if not valid:
        return DkimVerdict(False, "The signature does not fit the mail.")
    return DkimVerdict(True, f"The mail carries a valid signature of {_text(tags[b'd'])}.")


def _weakness(tags: dict[bytes, bytes], covered: list[bytes], names: "Counter[bytes]", domain: str) -> str | None:
    """Return why a signature would prove nothing even if it is valid, None if it would."""
    if tags[b"a"] not in ALGORITHMS:
        return "The signature uses an algorithm that is no longer safe."
    if b"l" in tags:
        return "The signature leaves the end of the mail open."
    if not is_aligned(canonical_domain(_text(tags[b"d"])), domain):
        return "The signature is of another domain than the sender's."
    needed = [name for name in _COVERED if names[name] or name == b"from"]
    if any(name not in covered for name in needed):
        return "The signature does not cover From, Subject and Date."
    return None


def _is_testing(record: bytes) -> bool:
    return bool(re.search(rb"(?:^|;)\s*t\s*=[^;]*\by\b", record))


def _text(value: bytes) -> str:
    return value.decode("ascii", "replace").strip()
