"""What the organisation's own mail border found out about a sender (RFC 8601), and what of it counts.

Anybody can write an Authentication-Results field into a mail. One counts only where the border put it:
above the topmost Received field, because whatever an outsider wrote lies below that one.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

RawFields = Sequence[tuple[str, bytes]]

# Fields that servers put on top of a mail; any other field there means that no border wrote the top.
_TRACE = frozenset(
    (
        "return-path received received-spf delivered-to x-original-to envelope-to delivery-date "
        "authentication-results arc-seal arc-message-signature arc-authentication-results"
    ).split()
)
_RECEIVED = re.compile(r"(?:from\s+\S+\s+)?by\s+(\S+)(?:\s+with\s+([A-Za-z0-9]+)\b)?", re.I)
_LONGEST = 16 * 1024
_WORD = re.compile(r';|(?:"(?:[^"\\]|\\.)*"|[^\s;"])+')
_SPACED_EQUALS = re.compile(r'("(?:[^"\\]|\\.)*")|\s+=\s*')


@dataclass(frozen=True)
class Result:
    """One result of a method: ``dmarc`` is ``pass`` with ``header.from`` = ... among its properties."""

    method: str
    result: str
    properties: tuple[tuple[str, str], ...] = ()

    def domain(self, *names: str) -> str:
        """Return the domain in the first of the properties ``names`` that is there, "" if none is."""
        found = dict(self.properties)
        value = next((found[name] for name in names if name in found), "")
        return canonical_domain(value.rpartition("@")[2])


@dataclass(frozen=True)
class BorderVerdict:
    """Whether the border vouches for the From domain, and why (a sentence).

    ``envelope`` says that nothing but SPF does: a host of the domain handed the mail in, whoever wrote it.
    """

    passed: bool
    reason: str
    envelope: bool = False


def border_verdict(fields: RawFields, borders: Iterable[str], domain: str) -> BorderVerdict:
    """Return what the borders named ``borders`` say of a mail whose From domain is ``domain``.

    DMARC decides where the border checked it; otherwise an aligned DKIM pass does. SPF passes nothing: many
    domains may share one host.
    """
    wanted = {border.lower() for border in borders}
    results = border_results(fields, wanted)
    if results is None:
        return BorderVerdict(False, "No result of the organisation's mail border stands above the mail.")
    dmarc = [one for one in results if one.method == "dmarc" and one.result != "none"]
    if len(dmarc) > 1:
        return BorderVerdict(False, "The border's results contain DMARC more than once.")
    if dmarc:
        return _dmarc_verdict(dmarc[0], domain)
    if _has_passed(results, "dkim", ("header.d", "header.i"), domain):
        return BorderVerdict(True, f"The border found DKIM of {domain} in order.")
    if _has_passed(results, "spf", ("smtp.mailfrom",), domain):
        reason = f"The border found only SPF of {domain} in order, and neither DMARC nor DKIM."
        return BorderVerdict(False, reason, envelope=True)
    return BorderVerdict(False, f"The border found no DMARC, DKIM or SPF of {domain} in order.")


def _has_passed(results: Sequence[Result], method: str, names: tuple[str, ...], domain: str) -> bool:
    passed = (one for one in results if one.method == method and one.result == "pass")
    return any(is_aligned(one.domain(*names), domain) for one in passed)


def _dmarc_verdict(dmarc: Result, domain: str) -> BorderVerdict:
    if dmarc.result != "pass":
        return BorderVerdict(False, f"The border's DMARC result is {dmarc.result[:40]}.")
    if not is_aligned(dmarc.domain("header.from"), domain):
        return BorderVerdict(False, "The border's DMARC result is about another domain than the sender's.")
    return BorderVerdict(True, f"The border found DMARC of {domain} in order.")


def border_results(fields: RawFields, borders: Iterable[str]) -> tuple[Result, ...] | None:
    """Return the results that one of ``borders`` put above the mail, None where there is no such field.

    The topmost Received is the limit, and it must have been written in the border's own domain. A local
    delivery by LMTP above it is passed over: no outsider's mail comes in by it.
    """
    wanted = {border.lower() for border in borders}
    found: list[Result] = []
    seen = False
    for name, raw in _above_the_boundary(fields, wanted):
        if name != "authentication-results":
            continue
        authserv_id, results = parse_results(raw)
        if authserv_id in wanted:
            seen = True
            found.extend(results)
    return tuple(found) if seen else None


def _above_the_boundary(fields: RawFields, borders: set[str]) -> list[tuple[str, bytes]]:
    above: list[tuple[str, bytes]] = []
    for position, (written, raw) in enumerate(fields):
        name = written.lower()
        if name not in _TRACE and not name.startswith("x-"):
            return []
        if name == "received":
            host, protocol = _received_by(raw)
            is_local = protocol.upper().startswith("LMTP")
            if not is_local or any(one.lower() == "received" for one, _ in fields[:position]):
                return above if any(_same_site(host, border) for border in borders) else []
        above.append((name, raw))
    return []


def _received_by(raw: bytes) -> tuple[str, str]:
    """Return the host that wrote a Received field and the protocol it names, "" where unclear."""
    text = _without_comments(raw.decode("utf-8", "replace"))
    found = _RECEIVED.match(text.strip()) if text is not None else None
    return (found.group(1).lower().rstrip(";."), found.group(2) or "") if found else ("", "")


def _same_site(host: str, border: str) -> bool:
    """Return whether ``host`` is the border, below it, or beside it in the same domain."""
    parent = border.partition(".")[2]
    return host == border or host.endswith("." + border) or ("." in parent and host.endswith("." + parent))


def _without_comments(text: str) -> str | None:
    """Return ``text`` with nested comments taken out (quotes kept), None where they do not close."""
    out, depth, quoted, escaped = [], 0, False, False
    for char in text[:_LONGEST]:
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == '"' and not depth:
            quoted = not quoted
        elif char == "(" and not quoted:
            depth += 1
        elif char == ")" and not quoted:
            depth -= 1
            if depth < 0:
                return None
            out.append(" ")
            continue
        if not depth:
            out.append(char)
    return None if depth or quoted or len(text) > _LONGEST else "".join(out)


def parse_results(raw: bytes) -> tuple[str, tuple[Result, ...]]:
    """Return the authserv-id and the results of an Authentication-Results value; ("", ()) if malformed."""
    text = _without_comments(raw.decode("utf-8", "replace"))
    if text is None:
        return "", ()
    head, *rest = _split(text)
    if not head or len(head) > 2 or (len(head) == 2 and not head[1].isdigit()):
        return "", ()
    results = [_result(words) for words in rest if words and words != ["none"]]
    if any(one is None for one in results):
        return "", ()
    return _plain(head[0]).lower(), tuple(one for one in results if one is not None)


def _split(text: str) -> list[list[str]]:
    """Return the words of each piece between semicolons; quotes hold a word together."""
    pieces: list[list[str]] = [[]]
    for word in _WORD.findall(_SPACED_EQUALS.sub(lambda found: found.group(1) or "=", text)):
        if word == ";":
            pieces.append([])
        else:
            pieces[-1].append(word)
    return pieces


def _result(words: list[str]) -> Result | None:
    """Return ``method[/version]=result`` and its properties; None where it is written otherwise."""
    pairs = [(name.lower(), _plain(value)) for name, _, value in (word.partition("=") for word in words)]
    if not pairs or any(not name or not value for name, value in pairs):
        return None
    (method, result), *properties = pairs
    if len(dict(properties)) != len(properties):
        return None
    return Result(method.partition("/")[0], result.lower(), tuple(properties))


def _plain(token: str) -> str:
    if len(token) > 1 and token[0] == token[-1] == '"':
        return re.sub(r"\\(.)", r"\1", token[1:-1])
    return token


def canonical_domain(written: str) -> str:
    """Return a domain in lower case and its ASCII form, "" where it cannot be one.

    >>> canonical_domain("Bücher.Example.")
    'xn--bcher-kva.example'
    """
    domain = written.strip().rstrip(".").lower()
    if not domain or len(domain) > 253:
        return ""
    try:
        ascii_form = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
    return ascii_form if re.fullmatch(r"[a-z0-9_.-]+", ascii_form) else ""


def is_aligned(authenticated: str, domain: str) -> bool:
    """Return whether what speaks for ``authenticated`` speaks for the From domain ``domain``.

    It is the same domain or one above it. A domain below is not taken (relaxed alignment would): whoever
    runs ``shop.example.com`` does not write for ``example.com``.
    """
    if not authenticated or not domain:
        return False
    return domain == authenticated or ("." in authenticated and domain.endswith("." + authenticated))
