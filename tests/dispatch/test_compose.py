from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.compose import Attachment, Outgoing, compose
from dispatch.headers import HeaderError
from templates.plain import cleaned

ORDER = Outgoing(
    sender="purchasing@buyer.example",
    sender_name="Northwind Purchasing",
    recipient="sales@supplier.example",
    subject="Purchase order PO-7",
    text="Dear all,\n\nplease see the attached order.\n",
    html="<p>Dear all,</p>",
    message_id="<abc@buyer.example>",
    date=datetime(2026, 3, 4, 10, 30, tzinfo=UTC),
    reply_to="orders@buyer.example",
    attachments=(Attachment("PO-7.pdf", b"%PDF-1.7 \x00\xff\r\n" * 50),),
)


def read(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_an_order_reads_back_with_its_texts_and_its_pdf() -> None:
    message = read(compose(ORDER))
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None and plain.get_content().replace("\r\n", "\n") == ORDER.text
    assert html is not None and html.get_content().strip() == ORDER.html
    (pdf,) = message.iter_attachments()
    assert (pdf.get_content_type(), pdf.get_filename()) == ("application/pdf", "PO-7.pdf")
    assert pdf.get_payload(decode=True) == ORDER.attachments[0].content
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/pdf",
    ]


def test_exactly_the_intended_headers_are_there() -> None:
    assert read(compose(ORDER)).keys() == [
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Reply-To",
        "MIME-Version",
        "Content-Type",
    ]


def test_the_same_envelope_gives_the_same_bytes() -> None:
    assert compose(ORDER) == compose(replace(ORDER))
    assert compose(ORDER) != compose(replace(ORDER, text="Something else"))


def test_automatic_mail_asks_not_to_be_answered_by_machines() -> None:
    notice = read(compose(replace(ORDER, automatic=True)))
    assert notice["Auto-Submitted"] == "auto-generated"
    assert notice["X-Auto-Response-Suppress"] == "All"
    answer = read(compose(replace(ORDER, automatic=True, in_reply_to="<q@x.example>")))
    assert answer["Auto-Submitted"] == "auto-replied"
    assert "Auto-Submitted" not in read(compose(ORDER))


def test_a_reply_names_what_it_answers_and_keeps_the_first_and_newest_references() -> None:
    many = tuple(f"<m{number}@x.example>" for number in range(50))
    message = read(compose(replace(ORDER, in_reply_to=many[-1], references=many)))
    assert message["In-Reply-To"] == "<m49@x.example>"
    kept = message["References"].split()
    assert (len(kept), kept[0], kept[1], kept[-1]) == (20, many[0], many[31], many[49])


def test_identifiers_that_others_wrote_wrongly_are_left_out_of_the_thread() -> None:
    hostile = "<a@b>\r\nBcc: c@d.example"
    message = read(compose(replace(ORDER, in_reply_to=hostile, references=("<a@b>", hostile, "x"))))
    assert "In-Reply-To" not in message and "Bcc" not in message
    assert message["References"] == "<a@b>"


@pytest.mark.parametrize("name", ["Bestellung Größe.pdf", "注文書.pdf", "x" * 300 + ".pdf", "Š" * 200 + ".pdf"])
def test_a_file_name_in_any_script_and_length_keeps_its_ending(name: str) -> None:
    raw = compose(replace(ORDER, attachments=(Attachment(name, b"%PDF"),)))
    (pdf,) = read(raw).iter_attachments()
    found = pdf.get_filename()
    assert found is not None and found.endswith(".pdf") and found[:16] == name[:16]
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_a_file_name_cannot_end_its_header_or_name_a_folder() -> None:
    raw = compose(replace(ORDER, attachments=(Attachment('../a"\r\nBcc: x@y.example;.pdf', b"%PDF"),)))
    (pdf,) = read(raw).iter_attachments()
    assert pdf.get_filename() == ".._a_ Bcc_ x@y.example;.pdf"
    assert "Bcc" not in pdf


@pytest.mark.parametrize(
    "changed",
    [
        {"recipient": "a@x.example, b@x.example"},
        {"sender": "a@x.example\r\nBcc: b@x.example"},
        {"reply_to": "nobody"},
        {"message_id": "<a@b>\r\nBcc: c@d.example"},
        {"attachments": (Attachment("a.pdf", b"", "text/html\r\nX: y"),)},
    ],
)
def test_an_envelope_that_cannot_be_said_safely_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(HeaderError):
        compose(replace(ORDER, **changed))  # type: ignore[arg-type]


def test_a_date_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        compose(replace(ORDER, date=datetime(2026, 1, 1)))


def test_a_body_of_one_endless_line_is_broken_and_reads_back_whole() -> None:
    raw = compose(replace(ORDER, text="x" * 100_000, html=None, attachments=()))
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert read(raw).get_content().strip() == "x" * 100_000


@given(
    subject=st.text(min_size=1, max_size=200),
    name=st.text(max_size=60),
    text=st.text(max_size=500),
    html=st.text(max_size=200),
    content=st.binary(max_size=200),
    file_name=st.text(max_size=80),
)
def test_whatever_people_type_reads_back_as_it_was_meant(
    subject: str, name: str, text: str, html: str, content: bytes, file_name: str
) -> None:
    attached = (Attachment(file_name, content),)
    envelope = replace(ORDER, subject="PO " + subject, sender_name=name, text=text, html=html, attachments=attached)
    raw = compose(envelope)
    message = message_from_bytes(raw)
    assert message.keys() == read(compose(ORDER)).keys()
    plain, _, pdf = [part for part in message.walk() if not part.is_multipart()]
    assert pdf.get_payload(decode=True) == content
    shown = plain.get_payload(decode=True)
    assert isinstance(shown, bytes)
    assert cleaned(shown.decode()) == cleaned(text.encode("utf-8", "replace").decode())
    assert max(map(len, raw.split(b"\r\n"))) <= 998
