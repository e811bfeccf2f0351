"""The demo's mail servers: who may log in, what is delivered, and for whom the border vouches."""

import smtplib
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from buydesk.demo.border import traced
from buydesk.demo.letters import letter, own_words, reply
from buydesk.demo.mail_server import HOST, MailServer
from buydesk.demo.people import BORDER, DESK, HELENA, JAN, MIA
from buydesk.demo.postbox import Postbox, send_as_a_stranger
from intake.authentication import border_verdict
from parsers.message import parse_message
from parsers.screening import screen

NOW = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    accounts = {DESK: "one", MIA.email: "two", JAN.email: "three", HELENA.email: "four"}
    with MailServer(accounts, BORDER) as running:
        yield running


def arrived(server: MailServer) -> EmailMessage:
    (mail,) = Postbox(server, DESK).new_mail()
    return mail


def vouched(mail: bytes, domain: str) -> bool:
    return border_verdict(parse_message(mail).raw_fields, [BORDER], domain).passed


def test_mail_is_delivered_once_with_its_text(server: MailServer) -> None:
    Postbox(server, MIA.email).send(letter(MIA, "Paper", "Grüße, 20 × Papier\n", NOW).as_bytes(), DESK)
    mail = arrived(server)
    assert mail["Return-Path"] == f"<{MIA.email}>"
    assert own_words(mail) == "Grüße, 20 × Papier"
    assert Postbox(server, DESK).new_mail() == []


def test_the_border_vouches_for_who_logged_in_with_the_domain_of_from(server: MailServer) -> None:
    Postbox(server, MIA.email).send(letter(MIA, "Paper", "x", NOW).as_bytes(), DESK)
    assert vouched(arrived(server).as_bytes(), "seeberg.example")


def test_the_border_does_not_vouch_for_a_stranger_in_somebodys_name(server: MailServer) -> None:
    send_as_a_stranger(server, "nobody@elsewhere.example", letter(HELENA, "Yes", "Approved.", NOW).as_bytes(), DESK)
    mail = arrived(server).as_bytes()
    assert b"dmarc=fail header.from=seeberg.example" in mail
    assert not vouched(mail, "seeberg.example")


def test_a_login_of_another_domain_does_not_make_a_forged_sender_true(server: MailServer) -> None:
    Postbox(server, JAN.email).send(letter(HELENA, "Yes", "Approved.", NOW).as_bytes(), DESK)
    assert not vouched(arrived(server).as_bytes(), "seeberg.example")


def test_results_that_somebody_wrote_in_the_borders_name_are_dropped() -> None:
    forged = b"Authentication-Results: mx.seeberg.example;\r\n dmarc=pass header.from=seeberg.example\r\n"
    other = b"Authentication-Results: mx.elsewhere.example; spf=pass\r\n"
    mail = forged + other + letter(HELENA, "Yes", "Approved.", NOW).as_bytes()
    handed_on = traced(mail, BORDER, "x@elsewhere.example", None, NOW)
    assert b"dmarc=pass" not in handed_on
    assert other in handed_on
    assert handed_on.count(b"Authentication-Results: mx.seeberg.example") == 1


def test_a_wrong_password_is_refused(server: MailServer) -> None:
    with smtplib.SMTP(HOST, server.smtp_port, timeout=30) as client, pytest.raises(smtplib.SMTPAuthenticationError):
        client.login(MIA.email, "one")


def test_a_stranger_cannot_write_to_an_address_without_a_mailbox(server: MailServer) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send_as_a_stranger(server, "a@b.example", letter(MIA, "x", "x", NOW).as_bytes(), "gone@nowhere.example")


def test_what_has_no_mailbox_comes_back_as_a_bounce_of_that_very_mail(server: MailServer) -> None:
    mail = letter(MIA, "Order", "x", NOW)
    Postbox(server, DESK).send(mail.as_bytes(), "gone@nowhere.example")
    report = screen(parse_message(arrived(server).as_bytes()))
    assert report.kind == "bounce" and report.permanent
    assert report.recipients == ("gone@nowhere.example",)
    assert report.original_message_id == mail["Message-ID"]


def test_a_reply_keeps_subject_and_thread_and_quotes_the_mail() -> None:
    asked = letter(MIA, "Purchase order PO-1", "First line\n\nSecond line\n", NOW)
    answer = reply(JAN, asked, "Confirmed, thanks, Jan", NOW)
    assert answer["Subject"] == "Re: Purchase order PO-1"
    assert answer["In-Reply-To"] == answer["References"] == asked["Message-ID"]
    assert "> First line\n>\n> Second line" in answer.get_content()
    assert own_words(answer) == "Confirmed, thanks, Jan"
