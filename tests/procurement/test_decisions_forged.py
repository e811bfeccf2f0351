"""No mail that is forged, replayed, stale, ambiguous, automatic or negated approves anything."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import update

from records.base import utc_now
from records.blobs import Blobs
from records.database import Database
from records.tables import ApprovalToken, Requisition
from tests.paper_desk import BORDER, PaperDesk
from tests.parsers.test_no_false_approval import ATTRIBUTIONS, AUTOMATIC, BLOCKS, HIDDEN, YES
from tests.procurement.decision_desk import DecisionDesk, proof

HIDDEN_IN = ("en", "de", "pl")  # what is hidden or automatic does not depend on the language
LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "pl")
WORDS = {language: YES[language][0] for language in LANGUAGES}
UNDECIDED = {
    "en": [
        "Not approved.",
        "I do not approve this.",
        "I approve nothing of this.",
        "Approved, but only two boxes.",
        "Approved if it stays below 50 EUR.",
        "Approved once the budget is there.",
        "Approved?",
        "This would be approved if it were cheaper.",
        "Approved up to 40 EUR.",
        "I thought this was approved last week.",
        "Please do not treat this as approved.",
        "Disapproved.",
        "Unapproved.",
        "Line 1 approved, line 2 rejected.",
        "Dora said: approved",
        "I will approve it tomorrow.",
        "Approve R-00077.",
        "All but one approved.",
        "Not all approved.",
        "Unaproved.",
    ],
    "de": [
        "Nicht genehmigt.",
        "Das genehmige ich nicht.",
        "Genehmigt, aber nur zwei Stück.",
        "Genehmigt, sofern das Budget reicht.",
        "Genehmigt?",
        "Wäre genehmigt, wenn es billiger wäre.",
        "Keine Freigabe.",
        "Freigabe erst nächste Woche.",
        "Genehmigt bis 40 Euro.",
        "Ungenehmigt.",
    ],
    "fr": [
        "Non approuvé.",
        "Je n'approuve pas.",
        "Approuvé sous réserve du budget.",
        "Approuvé, mais seulement deux.",
        "Approuvé ?",
        "D'accord si le prix baisse.",
        "Désapprouvé.",
        "Je n’approuve rien.",
    ],
    "es": [
        "No aprobado.",
        "No lo apruebo.",
        "Aprobado si hay presupuesto.",
        "Aprobado, pero solo dos.",
        "¿Aprobado?",
        "Desaprobado.",
        "Aprobado salvo la línea 2.",
        "Todavía no apruebo.",
    ],
    "it": [
        "Non approvato.",
        "Non approvo.",
        "Approvato se c'è budget.",
        "Approvato, ma solo due.",
        "Approvato?",
        "Disapprovato.",
        "Approvato tranne la riga 2.",
        "Approvo solo la metà.",
    ],
    "nl": [
        "Niet goedgekeurd.",
        "Ik keur dit niet goed.",
        "Akkoord mits er budget is.",
        "Goedgekeurd, maar slechts twee.",
        "Akkoord?",
        "Afgekeurd.",
        "Nog niet akkoord.",
        "Goedgekeurd behalve regel 2.",
    ],
    "pt": [
        "Não aprovado.",
        "Não aprovo.",
        "Aprovado se houver orçamento.",
        "Aprovado, mas apenas dois.",
        "Aprovado?",
        "Desaprovado.",
        "Aprovado exceto a linha 2.",
        "Aprovo só metade.",
    ],
    "pl": [
        "Niezatwierdzone.",
        "Nie zatwierdzam.",
        "Zatwierdzam, jeśli jest budżet.",
        "Zatwierdzam, ale tylko dwa.",
        "Zatwierdzam?",
        "Nie wyrażam zgody.",
        "Zgoda pod warunkiem rabatu.",
        "Zatwierdzam oprócz pozycji 2.",
    ],
}


@pytest.fixture(scope="module")
def desk(sqlite_template, tmp_path_factory) -> Iterator[DecisionDesk]:  # type: ignore[no-untyped-def]
    place = tmp_path_factory.mktemp("forged")
    (place / "buydesk.db").write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{place / 'buydesk.db'}")
    yield DecisionDesk(PaperDesk(database, Blobs(str(place / "blobs"))))
    database.close()


def forged(desk: DecisionDesk, words: str) -> Iterator[tuple[str, bytes]]:
    """Yield mails that say ``words`` in Olga's name and that she did not, or not provably, write."""
    domain, olga = desk.olga.rpartition("@")[2], desk.olga
    passed = f"dmarc=pass header.from={domain}"
    received = f"Received: from out.example by {BORDER}; Tue, 24 Nov 2026 10:00:00 +0100\n"
    tops = {
        "dmarc failed": proof(f"dmarc=fail header.from={domain}"),
        "no result": received,
        "nothing at all": "",
        "another server's result": proof(passed, "mx.evil.example"),
        "a border by a longer name": proof(passed, f"{BORDER}.evil.example"),
        "a result below the border's Received": f"{received}Authentication-Results: {BORDER}; {passed}\n",
        "a failed result above a passed one": proof(f"dmarc=fail header.from={domain}") + proof(passed),
        "another domain passed": proof("dmarc=pass header.from=evil.example"),
        "a signature of another domain": proof("dkim=pass header.d=evil.example"),
        "only an envelope of another domain is proven": proof("spf=pass smtp.mailfrom=bounce@evil.example"),
        "only her domain's envelope is proven": proof(f"spf=pass smtp.mailfrom={domain}"),
        "a result in a comment": proof(f"none (dmarc=pass header.from={domain})"),
        "a temporary error": proof(f"dmarc=temperror header.from={domain}"),
    }
    for name, top in tops.items():
        yield name, desk.raw(words, heads=top)
    froms = {
        "two addresses": f"{olga}, eve@evil.example",
        "two addresses turned": f"eve@evil.example, {olga}",
        "a look-alike": f"Olga Owner <olga@{domain.replace('north', 'n0rth')}>",
        "a subdomain": f"Olga Owner <olga@mail.{domain}>",
        "her address as a name": f'"{olga}" <eve@evil.example>',
        "somebody else of the firm": desk.desk.person("dora"),
        "the requester": desk.desk.person("ada"),
        "a supplier": desk.desk.glover,
        "the desk itself": desk.desk.address,
        "a Cyrillic letter": f"Olga Owner <оlga@{domain}>",
        "a comment": f"eve@evil.example ({olga})",
    }
    for name, value in froms.items():
        aligned = value.rpartition("@")[2].rstrip(">) ")
        yield name, desk.raw(words, fields={"From": value}, heads=proof(f"dmarc=pass header.from={aligned}"))
    second = desk.raw(words).replace(b"From: ", b"From: Eve <eve@evil.example>\r\nFrom: ", 1)
    yield "two From fields", second
    yield (
        "a Sender in her name",
        desk.raw(
            words,
            fields={"From": "eve@evil.example", "Sender": olga, "Reply-To": olga},
            heads=proof("dmarc=pass header.from=evil.example"),
        ),
    )


def without_her_token(desk: DecisionDesk, words: str) -> Iterator[tuple[str, bytes]]:
    """Yield mails of Olga that carry no live token of this request."""
    about = {"Subject": "Re: your request"}
    yield "no token", desk.raw(words, fields=about)
    yield "an invented token", desk.raw(words, fields={"Subject": "Re: [#ABCDEFGHIJKLMNOPQRSTUVWXYZ]"})
    yield "a token in small letters", desk.raw(words, fields={"Subject": desk.token.lower()})
    yield "half a token", desk.raw(words, fields={"Subject": desk.token[:20] + "]"})


def not_her_own_words(desk: DecisionDesk, language: str) -> Iterator[tuple[str, bytes]]:
    """Yield mails in which somebody's approval stands that Olga does not say now."""
    words = WORDS[language]
    yield "quoted", desk.raw(f"{ATTRIBUTIONS[language]}\n> {words}\n")
    yield "below her reading", desk.raw(f"I am looking at it.\n\n{ATTRIBUTIONS[language]}\n> {words}\n")
    yield "in an Outlook block", desk.raw(f"\n{BLOCKS[language]}\n{words}\n")
    yield (
        "forwarded",
        desk.raw(
            f"FYI\n\n---------- Forwarded message ----------\n{BLOCKS[language]}\n{words}",
            fields={"Subject": f"Fwd: {desk.subject}"},
        ),
    )
    boundary = 'Content-Type: multipart/mixed; boundary="b"\n\n--b\n'
    yield (
        "attached as a mail",
        desk.raw(
            f"{boundary}Content-Type: text/plain\n\nSee below.\n--b\nContent-Type: message/rfc822\n\n"
            f"From: {desk.olga}\nSubject: {desk.subject}\n\n{words}\n--b--\n"
        ),
    )
    yield (
        "attached as a text",
        desk.raw(
            f"{boundary}Content-Type: text/plain\n\nSee attachment.\n--b\n"
            "Content-Type: text/plain; charset=utf-8\nContent-Disposition: attachment; filename=a.txt\n\n"
            f"{words}\n--b--\n"
        ),
    )
    two = 'Content-Type: multipart/alternative; boundary="b"\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n'
    yield (
        "only the text says so",
        desk.raw(f"{two}{words}\n--b\nContent-Type: text/html; charset=utf-8\n\n<p>Rejected.</p>\n--b--\n"),
    )
    yield (
        "only the HTML says so",
        desk.raw(f"{two}Rejected.\n--b\nContent-Type: text/html; charset=utf-8\n\n<p>{words}</p>\n--b--\n"),
    )


def hidden(desk: DecisionDesk, words: str) -> Iterator[tuple[str, bytes]]:
    """Yield mails whose HTML says ``words`` where nobody sees them."""
    for name, form in HIDDEN.items():
        html = f"<html><body><p>I will look at it.</p>{form.format(words)}</body></html>"
        yield name, desk.raw(f"Content-Type: text/html; charset=utf-8\n\n{html}\n")


def automatic(desk: DecisionDesk, words: str) -> Iterator[tuple[str, bytes]]:
    """Yield mails that a machine sent in her name."""
    for name, fields in AUTOMATIC.items():
        kept = {key: value for key, value in fields.items() if key != "From"}
        yield name, desk.raw(words, fields=kept)


def every(desk: DecisionDesk, language: str) -> Iterator[tuple[str, bytes]]:
    words = WORDS[language]
    yield from forged(desk, words)
    yield from without_her_token(desk, words)
    yield from not_her_own_words(desk, language)
    yield from ((text, desk.raw(text)) for text in UNDECIDED[language])
    if language in HIDDEN_IN:
        yield from hidden(desk, words)
        yield from automatic(desk, words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_that_is_forged_stale_automatic_or_negated_approves(desk: DecisionDesk, language: str) -> None:
    names = (f"<{when}-{language}@north.example>" for when in ("before", "after"))
    first, last = (desk.raw("Approved.", fields={"Message-ID": name}) for name in names)
    assert desk.decide(first) == "approved"  # so that this desk can approve at all
    assert [name for name, raw in every(desk, language) if desk.decide(raw) == "approved"] == []
    assert desk.decide(last) == "approved"


def test_the_matrix_holds_at_least_three_hundred_cases(desk: DecisionDesk) -> None:
    assert sum(1 for language in LANGUAGES for _ in every(desk, language)) >= 300


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_replayed_stale_or_expired_answer_approves_nothing(desk: DecisionDesk, language: str) -> None:
    raw = desk.raw(f"{WORDS[language]}\n\n{language}")
    spoilt = {
        "used": update(ApprovalToken).values(used_at=utc_now()),
        "expired": update(ApprovalToken).values(expires_at=utc_now() - timedelta(days=1)),
        "changed": update(Requisition).values(revision_hash="0" * 64),
        "withdrawn": update(Requisition).values(state="withdrawn"),
    }
    assert desk.decide(raw) == "approved"
    with desk.desk.rows() as session:
        kept = [(one.id, one.expires_at) for one in session.query(ApprovalToken)]
        revision = desk.desk.requisition(session).revision_hash
    for name, statement in spoilt.items():
        desk.spoil = statement
        assert desk.decide(raw + name.encode()) != "approved", name
        desk.spoil = None
        with desk.desk.rows() as session:
            session.execute(update(Requisition).values(revision_hash=revision))
            for row_id, expires_at in kept:
                session.execute(update(ApprovalToken).where(ApprovalToken.id == row_id).values(expires_at=expires_at))
