from datetime import date
from decimal import Decimal

import pytest

from parsers.mail import read_message
from parsers.message import parse_message
from parsers.reading import Decision, Kind, LineStatus, Reading, ReadLine, Response
from records.problems import Code
from tests.parsers.mail_samples import nothing_read, plain_mail, read_plain

SUPPLIER = "Kim Vale <kim@valepumps.example>"


@pytest.mark.parametrize(
    ("text", "language", "quantity", "word"),
    [
        ("Could you please order 12 boxes of copy paper by 20 November 2026?", "en", "12", "copy paper"),
        ("Bitte bestellen Sie für uns 12 Kartons Kopierpapier bis 20.11.2026.", "de", "12", "Kopierpapier"),
        ("Merci de commander 12 cartons de papier blanc pour le 20 novembre 2026.", "fr", "12", "papier"),
        ("Necesitamos 12 cajas de papel blanco para el 20 de noviembre de 2026.", "es", "12", "papel"),
        ("Ci servono 12 scatole di carta bianca entro il 20 novembre 2026.", "it", "12", "carta"),
        ("Kun je voor ons 12 dozen kopieerpapier bestellen voor 20 november 2026?", "nl", None, "papier"),
        ("Precisamos de 12 caixas de papel branco até 20 de novembro de 2026.", "pt", "12", "papel"),
        ("Proszę zamówić 12 kartonów papieru do 20 listopada 2026.", "pl", "12", "papier"),
    ],
)
def test_a_request_is_read_in_any_language(text: str, language: str, quantity: str | None, word: str) -> None:
    reading = read_plain(text, "Supplies")
    assert reading.kind is Kind.REQUISITION
    assert reading.language == language
    assert reading.needed_by == date(2026, 11, 20)
    if quantity:
        assert [str(line.quantity) for line in reading.lines] == [quantity]
        assert word in (reading.lines[0].description or "")


def test_quantities_in_words_and_relative_dates_count_from_the_date_header() -> None:
    reading = read_plain("Hi, we need a dozen mop heads and three bottles of bleach by tomorrow, cost centre 4711.")
    assert [str(line.quantity) for line in reading.lines] == ["12", "3"]
    assert (reading.needed_by, reading.cost_center) == (date(2026, 11, 11), "4711")


def test_a_list_is_read_with_codes_units_and_prices() -> None:
    reading = read_plain(
        "Please order:\n\n- 4 rolls sealing tape (ref ST-20) @ 3.50\n- 10 x LK-7 Padlock 40 mm @ 8.25\n"
    )
    assert reading.lines == (
        ReadLine(
            description="sealing tape",
            item_number="ST-20",
            quantity=Decimal(4),
            unit="rolls",
            unit_price=Decimal("3.50"),
        ),
        ReadLine(description="Padlock 40 mm", item_number="LK-7", quantity=Decimal(10), unit_price=Decimal("8.25")),
    )


def test_a_list_passed_on_is_read_with_its_corrections() -> None:
    text = (
        "Please order Bob's list below, but 8 of the lamps, not 6, and leave out the chairs.\n\n"
        "---------- Forwarded message ---------\nFrom: Bob <bob@mill.example>\nSubject: list\n\n"
        "6 desk lamps (ref L-1)\n4 office chairs (ref C-2)\n2 whiteboards (ref W-3)\n"
    )
    lines = read_plain(text, "Fwd: list").lines
    assert [(line.item_number, line.quantity) for line in lines] == [("L-1", Decimal(8)), ("W-3", Decimal(2))]


def test_an_ambiguous_quantity_is_a_question_not_a_guess() -> None:
    reading = read_plain("Please order 1.250 pcs washers.")
    assert Code.AMBIGUOUS_NUMBER in {p.code for p in reading.problems}
    assert reading.lines[0].quantity is None and not reading.accepted


QUOTED_ORDER = (
    "\n\nOn 9 Nov 2026, Mill wrote:\n> Please supply our order PO-2026-77:\n> 1  PU-1  "
    "Hand pump   4 pcs\n> 2  VA-2  Ball valve   6 pcs\n"
)


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("Confirmed.", Response.ACCEPTED),
        ("Wir bestätigen Ihre Bestellung wie bestellt.", Response.ACCEPTED),
        ("We have received your order and will send you a confirmation shortly.", Response.RECEIVED_ONLY),
        ("Unfortunately we cannot accept your order.", Response.REJECTED),
        ("Line 1 is fine. Line 2 is discontinued, we cannot supply it.", Response.CHANGED),
        ("La ligne 2 ne sera livrée que le 8 janvier 2027.", Response.CHANGED),
    ],
)
def test_a_suppliers_answer_is_told_apart(text: str, response: Response) -> None:
    reading = read_plain(text + QUOTED_ORDER, "Re: Purchase order PO-2026-77", SUPPLIER)
    assert (reading.kind, reading.response) == (Kind.ORDER_RESPONSE, response)
    assert reading.order_numbers == ("PO-2026-77",)


def test_lines_are_answered_one_by_one_with_their_new_values() -> None:
    text = (
        "Line 1 will be delivered on 1 December 2026 as ordered. Line 2: only 3 left, so you will get 3 instead of 6."
    )
    lines = read_plain(text + QUOTED_ORDER, "Re: Purchase order PO-2026-77", SUPPLIER).lines
    assert [(x.line_number, x.status) for x in lines] == [("1", LineStatus.ACCEPTED), ("2", LineStatus.CHANGED)]
    assert lines[0].promised_on == date(2026, 12, 1)
    assert lines[1].quantity == 3


APPROVAL = (
    "\n\nOn 9 Nov 2026, Workflow wrote:\n> PO-2026-77 needs your approval.\n> Reply APPROVE or REJECT. I approve.\n"
)


@pytest.mark.parametrize(
    ("text", "decision"),
    [
        ("Approved.", Decision.APPROVED),
        ("Abgelehnt.", Decision.REJECTED),
        ("Before I sign: who uses it?", Decision.QUESTION),
    ],
)
def test_an_answer_to_a_request_for_approval_is_a_decision(text: str, decision: Decision) -> None:
    reading = read_plain(text + APPROVAL, "Re: For approval: PO-2026-77")
    assert (reading.kind, reading.decision) == (Kind.APPROVAL_DECISION, decision)


@pytest.mark.parametrize("fields", [{}, {"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}])
@pytest.mark.parametrize("text", ["FYI", "Thanks"])
def test_no_approval_is_taken_from_quoted_or_automatic_text(text: str, fields: dict[str, str]) -> None:
    assert read_plain(text + APPROVAL, "Re: For approval: PO-2026-77", **fields).decision is None


def test_an_automatic_approval_does_not_count() -> None:
    assert read_plain("Approved." + APPROVAL, "Re: For approval", Auto_Submitted="auto-replied").decision is None


@pytest.mark.parametrize(
    ("text", "subject", "kind"),
    [
        ("Please cancel PO-2026-77, we no longer need it.", "order", Kind.ORDER_CANCELLATION),
        ("Bitte die Bestellung 4500123 stornieren.", "Storno", Kind.ORDER_CANCELLATION),
        ("Please change line 2 of PO-2026-77: 150 instead of 100.", "order", Kind.ORDER_CHANGE),
        ("La merce dell'ordine 4500123 è arrivata ieri, tutto a posto.", "merce", Kind.RECEIPT_ADVICE),
        ("The goods for PO-2026-77 arrived today, all complete.", "goods in", Kind.RECEIPT_ADVICE),
        ("Where is order PO-2026-77? Any news?", "order", Kind.OTHER),
        ("Lunch at noon tomorrow with the team, see you there.", "lunch", Kind.OTHER),
    ],
)
def test_other_wishes_of_a_requester(text: str, subject: str, kind: Kind) -> None:
    assert read_plain(text, subject).kind is kind


@pytest.mark.parametrize(
    ("text", "subject", "kind"),
    [
        (
            "We have despatched your order PO-2026-77 today.\nTracking number: AB12345678",
            "Despatch note",
            Kind.DESPATCH_ADVICE,
        ),
        ("Anbei erhalten Sie unsere Rechnung 2026-114.", "Rechnung 2026-114", Kind.INVOICE),
        ("Thank you for your enquiry, please find our quotation Q-119 attached.", "Quotation Q-119", Kind.QUOTATION),
    ],
)
def test_what_a_supplier_sends(text: str, subject: str, kind: Kind) -> None:
    assert read_plain(text, subject, SUPPLIER).kind is kind


def test_a_document_is_read_and_the_authors_words_override_it() -> None:
    message = (
        b"From: Ann <ann@mill.example>\r\nTo: desk@mill.example\r\nDate: Tue, 10 Nov 2026 09:00:00 "
        b"+0000\r\nSubject: request\r\n"
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nPlease order the attached, but "
        b"charge cost centre 99.\r\n"
        b"--b\r\nContent-Type: application/pdf; name=r.pdf\r\n\r\n%PDF\r\n--b--\r\n"
    )
    form = Reading(kind=Kind.REQUISITION, cost_center="11", project="P1", lines=(ReadLine(description="pump"),))
    reading = read_message(parse_message(message), lambda data, name, media_type: form)
    assert (reading.cost_center, reading.project, reading.lines) == ("99", "P1", form.lines)
    assert reading.documents[0].source == "r.pdf"


def test_parts_are_told_only_when_asked_for() -> None:
    message = parse_message(plain_mail("hi"))
    assert read_message(message, nothing_read).parts == ()
    assert read_message(message, nothing_read, with_parts=True).parts[0].text == "hi\n"
