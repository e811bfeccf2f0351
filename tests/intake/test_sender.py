"""Who wrote it: forged From fields, misplaced results, and signatures that cover too little."""

import base64
from collections.abc import Callable

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from intake.sender import TEMPORARY, Trust, assess
from intake.txt_lookup import LookupFailedError
from parsers.message import parse_message

BORDER = "mx.northwind.example"
RECEIVED = f"Received: from out.people.example (out [192.0.2.1]) by {BORDER} with ESMTPS id 1; today\r\n"
GOOD = "dmarc=pass header.from=people.example"
PASS = f"Authentication-Results: {BORDER}; {GOOD}\r\n"
EVIL = "mx.evil.example"
BODY = "Subject: Approved\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\nMessage-ID: <1@people.example>\r\n\r\nYes.\r\n"


def read(text: str, borders: tuple[str, ...] = (BORDER,)) -> Trust:
    raw = text.encode("utf-8")
    return assess(parse_message(raw), raw, borders, _no_dns)


def _no_dns(name: str) -> bytes | None:
    raise AssertionError(f"the DNS was asked for {name}")


def test_a_pass_of_the_border_above_its_received_counts() -> None:
    trust = read(PASS + RECEIVED + "From: Ada <ada@people.example>\r\n" + BODY)
    assert trust == Trust("ada@people.example", True, "border", "The border found DMARC of people.example in order.")


FORGED = {
    "two fields": "From: ada@people.example\r\nFrom: eve@evil.example\r\n",
    "two fields, other case": "from: ada@people.example\r\nFROM: eve@evil.example\r\n",
    "two mailboxes": "From: ada@people.example, eve@evil.example\r\n",
    "two mailboxes in brackets": "From: Ada <ada@people.example>, Eve <eve@evil.example>\r\n",
    "two brackets": "From: <ada@people.example><eve@evil.example>\r\n",
    "address as a name": 'From: "ada@people.example" <eve@evil.example>\r\n',
    "unquoted address as a name": "From: ada@people.example <eve@evil.example>\r\n",
    "address after the bracket": "From: <eve@evil.example> ada@people.example\r\n",
    "address in a comment": "From: eve@evil.example (ada@people.example)\r\n",
    "comment inside the address": "From: ada(x)@people.example(@evil.example)\r\n",
    "group": "From: Team: ada@people.example;\r\n",
    "empty group": "From: undisclosed:;\r\n",
    "source route": "From: <@evil.example:ada@people.example>\r\n",
    "two at signs": "From: ada@people.example@evil.example\r\n",
    "encoded bracket": "From: =?utf-8?q?Ada_=3Cada=40people=2Eexample=3E?= <eve@evil.example>\r\n",
    "encoded address": "From: =?utf-8?q?ada=40people=2Eexample?= <eve@evil.example>\r\n",
    "encoded domain": "From: ada@=?utf-8?q?people=2Eexample?=\r\n",
    "NUL in the address": "From: ada@people.example\x00@evil.example\r\n",
    "bare carriage return": "From: ada@people.example\rFrom: eve@evil.example\r\n",
    "open bracket": "From: Ada <ada@people.example\r\n",
    "closing bracket first": "From: Ada >ada@people.example<\r\n",
    "missing": "",
    "empty": "From: \r\n",
    "no domain": "From: ada\r\n",
    "space in the local part": "From: eve evil@people.example\r\n",
    "quoted with a second address": 'From: "Ada" <ada@people.example> "<eve@evil.example>"\r\n',
    "backslash": "From: ada\\@people.example <eve@evil.example>\r\n",
    "name without its sender": "From: Ada\r\nSender: ada@people.example\r\n",
}


@pytest.mark.parametrize("field", FORGED.values(), ids=FORGED.keys())
def test_a_forged_from_never_counts(field: str) -> None:
    trust = read(PASS + RECEIVED + field + BODY)
    assert not trust.authenticated
    assert trust.how is None


def _results(text: str, border: str = BORDER) -> str:
    return f"Authentication-Results: {border}; {text}\r\n"


FAIL = "dmarc=fail header.from=people.example"
FOREIGN = {
    "below the border's Received": RECEIVED + PASS,
    "below, with a forged Received of the border": RECEIVED + PASS + RECEIVED,
    "between two Received of the border": RECEIVED + PASS + RECEIVED + PASS,
    "without any Received": PASS,
    "above a foreign Received": PASS + RECEIVED.replace(BORDER, EVIL),
    "below a Received of another host": f"Received: from a by {EVIL} with SMTP id 1\r\n" + PASS + RECEIVED,
    "below an ordinary field": "To: po@northwind.example\r\n" + PASS + RECEIVED,
    "another server": _results(GOOD, EVIL) + RECEIVED,
    "the border's name as a prefix": _results(GOOD, f"{BORDER}.evil.example") + RECEIVED,
    "the border in a comment": _results(GOOD, f"mx.evil.example ({BORDER})") + RECEIVED,
    "DMARC of another domain": _results("dmarc=pass header.from=evil.example") + RECEIVED,
    "DMARC without a domain": _results("dmarc=pass") + RECEIVED,
    "DMARC of a domain below": _results("dmarc=pass header.from=shop.people.example") + RECEIVED,
    "DMARC failed, DKIM passed": _results(f"{FAIL}; dkim=pass header.d=people.example") + RECEIVED,
    "DMARC twice": _results(f"{GOOD}; {FAIL}") + RECEIVED,
    "DMARC twice in two fields": _results(FAIL) + PASS + RECEIVED,
    "DMARC in a comment": _results("none (dmarc=pass header.from=people.example)") + RECEIVED,
    "DMARC in a quoted address": _results(f'spf=pass smtp.mailfrom="a; {GOOD}"@evil.example') + RECEIVED,
    "an open comment": _results("dmarc=pass header.from=people.example (") + RECEIVED,
    "a word that is no result": _results("dmarc=pass really header.from=people.example") + RECEIVED,
    "a repeated property": _results(f"{GOOD} header.from=evil.example") + RECEIVED,
    "SPF of another domain": _results("spf=pass smtp.mailfrom=bounce@evil.example") + RECEIVED,
    "SPF of a host name": _results("spf=pass smtp.helo=people.example") + RECEIVED,
    "DKIM of another domain": _results("dkim=pass header.d=evil.example") + RECEIVED,
    "DKIM that failed": _results("dkim=fail header.d=people.example") + RECEIVED,
    "DKIM that was not checked": _results("dkim=neutral header.d=people.example") + RECEIVED,
    "DKIM of the whole top-level domain": _results("dkim=pass header.d=example") + RECEIVED,
    "only the ARC copy": "ARC-" + PASS.replace(": ", ": i=1; ", 1) + RECEIVED,
    "a second local delivery": "Received: from a by b with LMTP id 1\r\n" * 2 + PASS + RECEIVED,
    "LMTP in the name of a host": f"Received: from with-LMTP by {EVIL} with ESMTP\r\n" + PASS + RECEIVED,
    "no result at all": RECEIVED,
}  # fmt: skip


@pytest.mark.parametrize("top", FOREIGN.values(), ids=FOREIGN.keys())
def test_a_foreign_misplaced_or_unfit_result_never_counts(top: str) -> None:
    trust = read(top + "From: Ada <ada@people.example>\r\n" + BODY)
    assert (trust.address, trust.authenticated) == ("ada@people.example", False)


@pytest.mark.parametrize(
    "top",
    [
        _results("dkim=pass (2048-bit key) header.d=people.example header.b=abc") + RECEIVED,
        _results("dmarc=none header.from=people.example; dkim=pass header.i=@people.example") + RECEIVED,
        "Return-Path: <ada@people.example>\r\nX-Spam: no\r\n" + PASS.replace(BORDER, BORDER.upper()) + RECEIVED,
        f"Received: from {BORDER} by store.northwind.example with LMTP id 7; today\r\n" + PASS + RECEIVED,
        _results(GOOD, "mx2.northwind.example") + PASS + RECEIVED,
        PASS + RECEIVED.replace(f"by {BORDER}", "by mx2.northwind.example"),
    ],
)
def test_an_aligned_result_of_the_border_counts_however_it_is_written(top: str) -> None:
    assert read(top + "From: Ada <ada@people.example>\r\n" + BODY).authenticated


@pytest.mark.parametrize(
    ("results", "how"),
    [
        ("spf=pass smtp.mailfrom=ada@people.example", "envelope"),
        ("dmarc=none header.from=people.example; spf=pass smtp.mailfrom=people.example", "envelope"),
        ("dkim=fail header.d=people.example; spf=pass smtp.mailfrom=people.example", "envelope"),
        ("dmarc=fail header.from=people.example; spf=pass smtp.mailfrom=people.example", None),
        ("spf=softfail smtp.mailfrom=people.example", None),
        ("spf=pass smtp.mailfrom=bounce@evil.example", None),
    ],
)
def test_an_aligned_spf_alone_is_a_weaker_level_and_no_proof(results: str, how: str | None) -> None:
    trust = read(_results(results) + RECEIVED + "From: Ada <ada@people.example>\r\n" + BODY)
    assert (trust.authenticated, trust.how) == (False, how)


def test_without_a_border_no_result_counts_and_a_mail_without_signature_proves_nothing() -> None:
    trust = read(PASS + RECEIVED + "From: Ada <ada@people.example>\r\n" + BODY, borders=())
    assert trust == Trust("ada@people.example", False, None, "The mail carries no DKIM signature.")


KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
)
PUBLIC = base64.b64encode(
    KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
)
RECORDS = {
    "s._domainkey.people.example": b"v=DKIM1; k=rsa; p=" + PUBLIC,
    "s._domainkey.example": b"v=DKIM1; k=rsa; p=" + PUBLIC,
    "s._domainkey.evil.example": b"v=DKIM1; k=rsa; p=" + PUBLIC,
    "s._domainkey.shop.people.example": b"v=DKIM1; k=rsa; p=" + PUBLIC,
    "t._domainkey.people.example": b"v=DKIM1; t=y; k=rsa; p=" + PUBLIC,
    "r._domainkey.people.example": b"v=DKIM1; k=rsa; p=",
}
MAIL = b"From: Ada <ada@people.example>\r\nTo: po@northwind.example\r\n" + BODY.encode()
COVERED = [b"from", b"to", b"subject", b"date", b"message-id"]


def signed(mail: bytes = MAIL, domain: bytes = b"people.example", selector: bytes = b"s", **more: object) -> bytes:
    options = {"include_headers": COVERED, "canonicalize": (b"relaxed", b"relaxed"), **more}
    return bytes(dkim.sign(mail, selector, domain, PEM, **options)) + mail


def verified(raw: bytes, lookup: Callable[[str], bytes | None] = RECORDS.get) -> Trust:
    return assess(parse_message(raw), raw, (), lookup)


def test_an_aligned_signature_counts_where_no_border_is_configured() -> None:
    trust = verified(signed())
    assert trust == Trust("ada@people.example", True, "dkim", "The mail carries a valid signature of people.example.")


def test_a_second_signature_counts_where_the_first_is_of_somebody_else() -> None:
    assert verified(signed(signed(), domain=b"evil.example")).authenticated


UNFIT = {
    "another domain": signed(domain=b"evil.example"),
    "a domain below the sender's": signed(domain=b"shop.people.example"),
    "the top-level domain": signed(domain=b"example"),
    "length given": signed(length=True),
    "length given, text appended": signed(length=True) + b"Pay Eve too.\r\n",
    "text changed": signed().replace(b"Yes.", b"No!!"),
    "text appended": signed() + b"Pay Eve too.\r\n",
    "subject not covered": signed(include_headers=[b"from", b"date"]),
    "date not covered": signed(include_headers=[b"from", b"subject"]),
    "subject added on top": b"Subject: Rejected\r\n" + signed(),
    "sender added on top": b"From: ada@people.example\r\n" + signed(),
    "body type added on top": b"Content-Type: text/html\r\nContent-Type: text/plain\r\n" + signed(),
    "old algorithm": signed(signature_algorithm=b"rsa-sha1"),
    "key for testing": signed(selector=b"t"),
    "key withdrawn": signed(selector=b"r"),
    "key not published": signed(selector=b"none"),
    "damaged": signed().replace(b"bh=", b"bh=!"),
    "no signature": MAIL,
    "tags missing": b"DKIM-Signature: v=1; d=people.example\r\n" + MAIL,
    "not tags": b"DKIM-Signature: people.example\r\n" + MAIL,
}


@pytest.mark.parametrize("raw", UNFIT.values(), ids=UNFIT.keys())
def test_a_signature_that_does_not_cover_what_is_read_never_counts(raw: bytes) -> None:
    assert not verified(raw).authenticated


def test_a_dns_that_does_not_answer_is_said_to_be_temporary() -> None:
    def silent(name: str) -> bytes | None:
        raise LookupFailedError("the DNS did not answer")

    trust = verified(signed(), silent)
    assert not trust.authenticated
    assert trust.reason.startswith(TEMPORARY)


def test_a_mail_that_would_keep_the_verifier_busy_is_not_verified() -> None:
    raw = signed() + b"\r\n".join([b" " * 20_000] * 20)
    assert verified(raw).reason == "The mail is too large or too strange to verify its signature."
