"""Approvals and acceptances that the author did not write now: quoted, hidden, forwarded, automatic, attached.

None of them may be read as a decision or as a plain yes, in any language and whatever carries it.
"""

from collections.abc import Iterator
from email.message import EmailMessage
from itertools import product

import pytest

from parsers.document import read_document
from parsers.hints import Lessons
from parsers.message import parse_message
from parsers.reading import Reading, Response
from parsers.screening import screen
from parsers.steps import Taught, read_mail

YES = {
    "en": ("Approved.", "We confirm the order as written."),
    "de": ("Genehmigt.", "Wir bestätigen die Bestellung wie erteilt."),
    "fr": ("Approuvé.", "Nous confirmons la commande telle quelle."),
    "es": ("Aprobado.", "Confirmamos el pedido tal cual."),
    "it": ("Approvato.", "Confermiamo l'ordine come da richiesta."),
    "nl": ("Goedgekeurd.", "Wij bevestigen de bestelling zoals geplaatst."),
    "pt": ("Aprovado.", "Confirmamos a encomenda tal como está."),
    "pl": ("Zatwierdzam.", "Potwierdzamy zamówienie."),
    "sv": ("Godkänt.", "Vi bekräftar ordern."),
    "da": ("Godkendt.", "Vi bekræfter ordren."),
}
OWN = {"nothing": "", "a greeting": "Hello,", "something else": "I am looking at it and will write tomorrow."}
ATTRIBUTIONS = {
    "en": "On Mon, 9 Nov 2026 at 10:00, Bob <bob@firm.example> wrote:",
    "de": "Am 09.11.26 um 10:00 schrieb Bob <bob@firm.example>:",
    "fr": "Le lun. 9 nov. 2026 à 10:00, Bob <bob@firm.example> a écrit :",
    "es": "El lun, 9 nov 2026 a las 10:00, Bob (<bob@firm.example>) escribió:",
    "it": "Il giorno lun 9 nov 2026 alle ore 10:00 Bob <bob@firm.example> ha scritto:",
    "nl": "Op ma 9 nov 2026 om 10:00 schreef Bob <bob@firm.example>:",
    "pt": "Em seg., 9 de nov. de 2026 às 10:00, Bob <bob@firm.example> escreveu:",
    "pl": "pon., 9 lis 2026 o 10:00 Bob <bob@firm.example> napisał(a):",
    "sv": "Den mån 9 nov. 2026 kl 10:00 skrev Bob <bob@firm.example>:",
    "da": "Den man. 9. nov. 2026 kl. 10.00 skrev Bob <bob@firm.example>:",
}
BLOCKS = {
    "en": "From: Bob <bob@firm.example>\nSent: 9 November 2026 10:00\nTo: Ann\nSubject: Order\n",
    "de": "Von: Bob <bob@firm.example>\nGesendet: Montag, 9. November 2026\nAn: Ann\nBetreff: Bestellung\n",
    "fr": "De : Bob <bob@firm.example>\nEnvoyé : lundi 9 novembre 2026\nÀ : Ann\nObjet : Commande\n",
    "es": "De: Bob <bob@firm.example>\nEnviado: lunes, 9 de noviembre de 2026\nPara: Ann\nAsunto: Pedido\n",
    "it": "Da: Bob <bob@firm.example>\nInviato: lunedì 9 novembre 2026\nA: Ann\nOggetto: Ordine\n",
    "nl": "Van: Bob <bob@firm.example>\nVerzonden: maandag 9 november 2026\nAan: Ann\nOnderwerp: Order\n",
    "pt": "De: Bob <bob@firm.example>\nEnviado: 9 de novembro de 2026\nPara: Ann\nAssunto: Encomenda\n",
    "pl": "Od: Bob <bob@firm.example>\nWysłano: 9 listopada 2026\nDo: Ann\nTemat: Zamówienie\n",
    "sv": "Från: Bob <bob@firm.example>\nSkickat: den 9 november 2026\nTill: Ann\nÄmne: Order\n",
    "da": "Fra: Bob <bob@firm.example>\nSendt: 9. november 2026\nTil: Ann\nEmne: Ordre\n",
}
HIDDEN = {
    "display none": '<p style="display:none">{}</p>',
    "visibility": '<p style="visibility:hidden">{}</p>',
    "no size": '<span style="font-size:0">{}</span>',
    "tiny": '<span style="font-size:1px">{}</span>',
    "no opacity": '<div style="opacity:0">{}</div>',
    "no height": '<div style="max-height:0;overflow:hidden">{}</div>',
    "white on white": '<font color="#ffffff">{}</font>',
    "white by style": '<span style="color:#fff">{}</span>',
    "for other programs": '<p style="mso-hide:all">{}</p>',
    "hidden attribute": "<p hidden>{}</p>",
    "a comment": "<!-- {} -->",
    "a title": "<title>{}</title>",
    "a style": "<style>/* {} */</style>",
    "a script": "<script>{}</script>",
    "off the page": '<p style="position:absolute;left:-9999px">{}</p>',
    "indented away": '<p style="text-indent:-9999px">{}</p>',
    "struck out": "<p><s>{}</s></p>",
    "deleted": "<p><del>{}</del></p>",
    "struck by style": '<p style="text-decoration:line-through">{}</p>',
    "a quote": "<blockquote type='cite'>{}</blockquote>",
    "a quote of Gmail": '<div class="gmail_quote">On Monday Bob wrote:<br>{}</div>',
    "a picture's name": '<img src="cid:1" alt="{}">',
    "an input": '<input type="hidden" value="{}">',
}
AUTOMATIC = {
    "replied": {"Auto-Submitted": "auto-replied"},
    "generated": {"Auto-Submitted": "auto-generated"},
    "notified": {"Auto-Submitted": "auto-notified"},
    "a list": {"List-Id": "<all.firm.example>"},
    "bulk": {"Precedence": "bulk"},
    "junk": {"Precedence": "junk"},
    "auto_reply": {"Precedence": "auto_reply"},
    "a vacation program": {"X-Autoreply": "yes"},
    "an absence note": {"Subject": "Automatic reply: Please decide", "X-Auto-Response-Suppress": "All"},
    "a bounce": {
        "Subject": "Undelivered Mail Returned to Sender",
        "Return-Path": "<>",
        "From": "MAILER-DAEMON@x.example",
    },
}


def mail(text: str, html: str | None = None, **fields: str) -> EmailMessage:
    message = EmailMessage()
    heads = {"From": "Ann <ann@firm.example>", "To": "desk@mill.example", "Subject": "Re: Please decide: R-00001"}
    for name, value in (heads | {"Date": "Tue, 10 Nov 2026 09:00:00 +0000"} | fields).items():
        message[name] = value
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    return message


def cases() -> Iterator[tuple[str, EmailMessage]]:
    """Yield every case: how it is called, and the mail."""
    for (language, words), (own, above) in product(YES.items(), OWN.items()):
        for yes in words:
            quoted = "\n".join(f"> {line}" for line in ("Please decide.", yes))
            yield f"{language}, quoted below {own}: {yes}", mail(f"{above}\n\n{ATTRIBUTIONS[language]}\n{quoted}\n")
            yield f"{language}, passed on below {own}: {yes}", mail(f"{above}\n\n{BLOCKS[language]}\n{yes}\n")
    for name, shape in HIDDEN.items():
        for yes in YES["en"]:
            page = f"<html><body><p>I am looking at it.</p>{shape.format(yes)}</body></html>"
            only = EmailMessage()
            for head, value in mail("").items():
                if head.lower() in ("from", "to", "subject", "date"):
                    only[head] = value
            only.set_content(page, subtype="html")
            yield f"{name}: {yes}", only
    for name, fields in AUTOMATIC.items():
        for yes in YES["en"]:
            yield f"{name}: {yes}", mail(yes, **fields)
    yield from _elsewhere()


def _elsewhere() -> Iterator[tuple[str, EmailMessage]]:
    for yes in YES["en"]:
        passed_on = mail("Please see the attached mail.")
        passed_on.add_attachment(mail(yes))
        yield f"in an attached mail: {yes}", passed_on
        note = mail("I am looking at it.")
        note.add_attachment(f"{yes}\n", subtype="plain", filename="note.txt")
        yield f"in an attached text: {yes}", note
        yield f"in a signature: {yes}", mail(f"I am looking at it.\n\n-- \nAnn\n{yes}\n")
        yield f"in the name: {yes}", mail("I am looking at it.", From=f'"{yes}" <ann@firm.example>')
        yield f"in an answered subject: {yes}", mail("", Subject=f"Re: {yes}")
        yield f"in another alternative: {yes}", mail("I am looking at it.", f"<p>{yes}</p>")
        yield f"in the plain text only: {yes}", mail(yes, "<p>I am looking at it and will write tomorrow.</p>")
        yield f"in quotation marks of a question: {yes}", mail(f'Do you want me to write "{yes}" here?')


CASES = dict(cases())


def _read(data: bytes, name: str | None, media_type: str | None, *, lessons: Lessons | None = None) -> Reading:
    return read_document(data, name, media_type, lessons=lessons)


def test_the_table_holds_at_least_two_hundred_cases() -> None:
    assert len(CASES) >= 200


@pytest.mark.parametrize("name", CASES)
def test_nobody_agrees_by_words_that_are_not_written_now(name: str) -> None:
    raw = CASES[name].as_bytes()
    found = read_mail(
        raw, (), lambda data, name, media_type, lessons=None: read_document(data, name, media_type), Taught()
    )
    if screen(parse_message(raw)).kind != "human":
        return  # put aside before it is read
    assert found.decision not in ("approved", "rejected")
    assert found.whole.response is not Response.ACCEPTED or found.whole.problems


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it", "nl", "pt", "pl"])
def test_the_same_words_written_now_are_a_decision(language: str) -> None:
    found = read_mail(mail(YES[language][0]).as_bytes(), (), _read, Taught())
    assert found.decision == "approved"
