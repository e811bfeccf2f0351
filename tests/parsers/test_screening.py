from datetime import date

import pytest

from parsers.message import parse_message
from parsers.screening import screen
from tests.parsers.mail_samples import plain_mail

DSN = (
    b"Return-Path: <>\r\nFrom: MAILER-DAEMON@mill.example\r\nSubject: Undelivered "
    b"Mail\r\nContent-Type: multipart/report; "
    b"report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nYour mail could not be delivered.\r\n--b\r\n"
    b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mill.example\r\n\r\n"
    b"Final-Recipient: rfc822; sales@gone.example\r\nAction: %s\r\nStatus: %s\r\n\r\n--b\r\n"
    b"Content-Type: message/rfc822\r\n\r\nMessage-ID: <po.1@mill.example>\r\nSubject: "
    b"Order\r\n\r\nhi\r\n--b--\r\n"
)


@pytest.mark.parametrize(
    ("action", "status", "state"),
    [
        (b"failed", b"5.1.1", "failed_hard"),
        (b"failed", b"4.4.7", "failed_soft"),
        (b"delayed", b"4.4.1", "delayed"),
    ],
)
def test_a_delivery_report_tells_state_recipient_and_the_message_it_is_about(
    action: bytes, status: bytes, state: str
) -> None:
    found = screen(parse_message(DSN % (action, status)))
    assert (found.kind, found.state, found.recipients) == ("bounce", state, ("sales@gone.example",))
    assert found.permanent is (state == "failed_hard")
    assert found.original_message_id == "<po.1@mill.example>"


def test_a_report_of_success_is_no_bounce() -> None:
    assert screen(parse_message(DSN % (b"delivered", b"2.0.0"))).kind != "bounce"


def test_a_bounce_without_mime_is_found_by_how_daemons_write() -> None:
    text = (
        "Ihre Nachricht konnte nicht zugestellt werden.\n\nEmpfänger: verkauf@weg.example\nGrund: "
        "unbekannter Empfänger\n"
    )
    data = plain_mail(text, "Nachricht nicht zustellbar", "postmaster@host.example", Return_Path="<>")
    found = screen(parse_message(data))
    assert (found.kind, found.recipients) == ("bounce", ("verkauf@weg.example",))


def test_a_person_who_talks_about_a_bounce_is_human() -> None:
    assert (
        screen(parse_message(plain_mail("Your order bounced: user unknown. Please call.", "Undeliverable mail"))).kind
        == "human"
    )


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Automatic reply: Order 77", "I am out of the office until 20 November 2026."),
        ("Automatische Antwort: Bestellung", "Ich bin bis zum 20.11.2026 nicht im Büro."),
        ("Réponse automatique : commande", "Je suis absente jusqu'au 20 novembre 2026."),
        ("Respuesta automática: pedido", "Estoy de vacaciones hasta el 20 de noviembre de 2026."),
        ("Risposta automatica: ordine", "Sono assente fino al 20 novembre 2026."),
        ("Automatisch antwoord: order", "Ik ben afwezig tot 20 november 2026."),
        ("Resposta automática: encomenda", "Estou ausente até 20 de novembro de 2026."),
        ("Automatyczna odpowiedź: zamówienie", "Jestem na urlopie do 20 listopada 2026."),
    ],
)
def test_an_absence_note_is_found_in_any_language_with_its_date(subject: str, text: str) -> None:
    found = screen(parse_message(plain_mail(text, subject)))
    assert found.kind == "auto_reply"
    assert found.back_on == date(2026, 11, 20)


def test_the_deputy_is_the_address_the_note_names() -> None:
    text = "I am out of the office. For urgent matters please contact bob.ray@mill.example."
    assert screen(parse_message(plain_mail(text, "Out of office"))).deputy == "bob.ray@mill.example"


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"Auto_Submitted": "auto-replied"}, "auto_reply"),
        ({"X_Autoreply": "yes"}, "auto_reply"),
        ({"Precedence": "bulk", "List_Unsubscribe": "<mailto:u@x.example>"}, "newsletter"),
        ({"X_Auto_Response_Suppress": "All"}, "human"),
    ],
)
def test_headers_tell_machines_from_people(fields: dict[str, str], kind: str) -> None:
    assert screen(parse_message(plain_mail("Approved.", "Re: Order 77", **fields))).kind == kind


def test_mail_from_the_desk_itself_is_a_loop() -> None:
    assert screen(parse_message(plain_mail("hi")), own_addresses=("ann.lee@mill.example",)).kind == "loop"


def test_a_challenge_is_never_an_answer() -> None:
    text = "To deliver your message please confirm that you are human by following this link."
    assert screen(parse_message(plain_mail(text, "Confirm"))).kind == "challenge"


def test_a_disposition_notification_is_a_read_receipt() -> None:
    data = (
        b"From: a@b.example\r\nSubject: Read: Order\r\nContent-Type: multipart/report; "
        b"boundary=b\r\n\r\n--b\r\n\r\nread\r\n"
        b"--b\r\nContent-Type: message/disposition-notification\r\n\r\nDisposition: manual-action; "
        b"displayed\r\n--b--\r\n"
    )
    assert screen(parse_message(data)).kind == "read_receipt"
