"""A correction is made once: the next document of the same layout and sender is read without asking."""

import io
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from parsers.learn import learn, prove
from records.audit import faults
from records.blobs import Blobs
from records.database import Database
from records.lessons import forget
from records.tables import AuditEntry, Document, Lesson, OrderResponse, Requisition
from tests.paper_desk import PaperDesk, read_at_once
from web.desk.learning import learn_from
from web.desk.refused import CommandError
from web.desk.resolution import correct
from web.desk.teaching import meanings, teach

LABELS = ("Kennung", "Sache", "Zahl")  # no lexicon knows them
TEXT = "Nitrile gloves, size M, box of 100"
LINE = {"/lines/0/item_number": "HG-7", "/lines/0/description": TEXT}


@pytest.fixture
def desk(database: Database, blobs: Blobs) -> PaperDesk:
    return PaperDesk(database, blobs)


@dataclass(frozen=True)
class Deal:
    """What is ordered of whom."""

    supplier: str
    number: str
    text: str


def gloves(desk: PaperDesk) -> Deal:
    return Deal(desk.glover, "G-100", TEXT)


def paper(desk: PaperDesk) -> Deal:
    return Deal(f"bestellung@paper-{desk.slug}.example", "P-200", "Copy paper A4 80 g, box of 2500 sheets")


def confirmation(
    deal: Deal, quantity: int, labels: tuple[str, ...] = LABELS, shown: str = "", top: tuple[str, ...] = ()
) -> bytes:
    """Return a sheet that confirms a deal; ``shown`` is how it writes the quantity, ``top`` a row of its head."""
    book = Workbook()
    line = [deal.number, deal.text, shown or str(quantity)]
    page = book.worksheets[0]
    for row in (
        ["Auftragsbestätigung"],
        ["Nr.", f"AB-{quantity}"],
        ["Datum", "05.11.2026"],
        list(top),
        list(labels),
        line,
    ):
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def confirm(desk: PaperDesk, deal: Deal, quantity: int, sheet: bytes | None = None, **fields: str) -> None:
    """Let something be ordered, and its supplier confirm it with a sheet."""
    text = f"Please order {quantity} boxes of {deal.text} ({deal.number}), cost centre 4711."
    desk.receive(desk.person("ada"), "Supplies", text)
    desk.reply(desk.person("olga"), desk.outbox(desk.person("olga"))[-1], "Approved")
    order = desk.outbox(deal.supplier)[-1]
    answer = "Dear customer,\n\nplease find attached our document.\n\nJan"
    about = {"In_Reply_To": order.message_id, "References": order.message_id}
    raw = desk.mail(deal.supplier, f"Re: {order.subject}", answer, **about, **fields)
    mail = message_from_bytes(raw, _class=EmailMessage, policy=policy.default)
    mail.add_attachment(
        sheet or confirmation(deal, quantity),
        maintype="application",
        subtype="vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        filename="ab.xlsx",
    )
    desk.deliver(mail.as_bytes())
    desk.work()


def correct_and_learn(desk: PaperDesk, values: dict[str, str]) -> list[str]:
    """Correct the one open exception as an agent does, and return what was learned."""
    with desk.rows() as session:
        (item,) = desk.held(session)
        number = item.id
        corrections = correct(session, item, [f"{at}={value}" for at, value in values.items()], "tessa")
    said = learn_from(desk.database, desk.blobs, learn, number, corrections, "tessa")
    desk.work()
    return said


def teach_it(desk: PaperDesk, *columns: str) -> list[str]:
    """Say what columns mean in the document of the one open exception."""
    with desk.rows() as session:
        (number,) = [item.id for item in desk.held(session)]
    told = meanings(columns, (), None, None)
    said = teach(desk.database, desk.blobs, read_at_once, prove, number, told, "tessa")
    desk.work()
    return said


def lessons(desk: PaperDesk) -> list[tuple[str, str, str, int]]:
    with desk.rows() as session:
        found = session.scalars(select(Lesson).where(Lesson.active).order_by(Lesson.key))
        return [(one.sender, one.shown, one.value, one.used) for one in found]


def acknowledgements(desk: PaperDesk) -> list[str]:
    with desk.rows() as session:
        return [order.acknowledgement for order in desk.orders(session)]


def test_a_layout_is_corrected_once_and_then_read_without_asking(desk: PaperDesk) -> None:
    confirm(desk, gloves(desk), 10)
    assert "LOW_CONFIDENCE" in desk.codes()
    said = correct_and_learn(desk, {"/lines/0/quantity": "10", **LINE, "/lines/0/item_number": "G-100"})
    assert len(said) == 3
    assert all("learned from exception" in sentence for sentence in said)
    assert acknowledgements(desk) == ["awaiting"]  # what the correction did not say is still asked
    correct_and_learn(desk, {"/response": "accepted", "/lines/0/status": "accepted"})
    assert acknowledgements(desk) == ["accepted"]
    confirm(desk, gloves(desk), 11)
    assert desk.codes() == []
    assert acknowledgements(desk) == ["accepted", "accepted"]
    domain = f"@gloves-{desk.slug}.example"
    assert lessons(desk) == [
        (domain, "Kennung", "item", 1),
        (domain, "Sache", "description", 1),
        (domain, "Zahl", "quantity", 1),
    ]


def test_what_was_learned_of_one_sender_does_nothing_for_another_or_for_a_forger(desk: PaperDesk) -> None:
    confirm(desk, gloves(desk), 10)
    teach_it(desk, "Kennung=item", "Sache=description", "Zahl=quantity")
    assert desk.codes() == []
    confirm(desk, paper(desk), 3)
    assert "LOW_CONFIDENCE" in desk.codes()
    with desk.rows() as session:
        (item,) = desk.held(session)
        correct(session, item, ["/handled=telephone"], "tessa")
    confirm(desk, gloves(desk), 12, proven="no")
    with desk.rows() as session:
        (document,) = session.scalars(select(Document).order_by(Document.id.desc()).limit(1))
        assert document.reading is not None
        assert "lines" not in document.reading
    with pytest.raises(CommandError, match="not proven"):
        teach_it(desk, "Zahl=quantity")


def test_a_document_is_read_again_with_what_an_agent_taught(desk: PaperDesk) -> None:
    confirm(desk, gloves(desk), 10)
    with pytest.raises(CommandError, match="Nothing was learned"):
        teach_it(desk, "Colour=quantity")
    assert lessons(desk) == []
    said = teach_it(desk, "Kennung=item_number", "Sache=description", "Zahl=quantity")
    assert len(said) == 3
    assert acknowledgements(desk) == ["accepted"]
    with desk.rows() as session:
        response = session.scalars(select(OrderResponse)).one()
        learned = response.reading["documents"][0]["learned"]
        assert any("“Zahl” is quantity; learned from exception 1 on" in sentence for sentence in learned)
        assert list(faults(session, desk.organisation_id)) == []


def test_a_forgotten_lesson_makes_the_layout_ask_again(desk: PaperDesk) -> None:
    confirm(desk, gloves(desk), 10)
    teach_it(desk, "Kennung=item", "Sache=description", "Zahl=quantity")
    with desk.rows() as session:
        for lesson in session.scalars(select(Lesson)):
            forget(session, lesson, "tessa")
    confirm(desk, gloves(desk), 11)
    assert "LOW_CONFIDENCE" in desk.codes()
    with desk.rows() as session:
        actions = list(session.scalars(select(AuditEntry.action).where(AuditEntry.subject_table == "lesson")))
        assert (actions.count("learned"), actions.count("forgotten")) == (3, 3)
        assert list(faults(session, desk.organisation_id)) == []


def test_another_layout_of_the_same_sender_asks(desk: PaperDesk) -> None:
    confirm(desk, gloves(desk), 10)
    teach_it(desk, "Kennung=item", "Sache=description", "Zahl=quantity")
    confirm(desk, gloves(desk), 11, confirmation(gloves(desk), 11, ("Sache", "Ding", "Zahl")))
    assert "LOW_CONFIDENCE" in desk.codes()


def test_a_requester_s_own_name_of_an_item_is_corrected_once(desk: PaperDesk) -> None:
    text = "Please order:\n\n- {} boxes blue hand shoes\n\nCost centre: 4711\n"
    desk.receive(desk.person("ada"), "Gloves", text.format(2))
    with desk.rows() as session:
        requisition = desk.requisition(session)
        wanted = requisition.reading["lines"][0]["description"]
    (said,) = correct_and_learn(desk, {"/lines/0/item_number": "G-100"})
    assert f"item “{wanted}” is G-100" in said
    desk.receive(desk.person("ada"), "Gloves again", text.format(3))
    with desk.rows() as session:
        assert desk.requisition(session).state == "ordered"
        assert said in desk.requisition(session).signals[0]
    desk.receive(desk.person("olga"), "Gloves", text.format(1))
    with desk.rows() as session:
        assert desk.requisition(session).state == "incomplete"
        assert desk.requisition(session).signals == []
        assert len(session.scalars(select(Requisition)).all()) == 3
