"""Two organisations in one database, alike in everything but their address: mail of one never touches the other."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select, update

from records.audit import faults
from records.blobs import Blobs
from records.database import Database
from records.tables import Base, Message, Organisation, Outbound, Owned
from tests.paper_desk import PaperDesk


@dataclass
class Twin(PaperDesk):
    """A desk that has the people, suppliers and domains of another one; its own address differs."""

    domain: str = "north"

    @property
    def glover(self) -> str:
        """The address that both order gloves from."""
        return f"orders@gloves-{self.domain}.example"

    def person(self, local: str) -> str:
        """Return the address of somebody who belongs to both organisations."""
        return f"{local}@{self.domain}.example"

    def load(self, files: dict[str, bytes]) -> None:
        """Load the folder with the domain of the other."""
        told = {name: data.replace(self.slug.encode(), self.domain.encode()) for name, data in files.items()}
        slug = f'slug = "{self.slug}"'.encode()
        head = told["organisation.toml"].replace(f'slug = "{self.domain}"'.encode(), slug)
        head = head.replace(f'username = "{self.domain}"'.encode(), f'username = "{self.slug}"'.encode())
        super().load(told | {"organisation.toml": head})


@pytest.fixture
def desks(database: Database, blobs: Blobs) -> tuple[PaperDesk, PaperDesk]:
    return PaperDesk(database, blobs), Twin(database, blobs, slug="south")


def rows_of(desk: PaperDesk) -> dict[str, list[str]]:
    """Return every row of the desk's organisation."""
    found: dict[str, list[str]] = {}
    with desk.rows() as session:
        for mapper in Base.registry.mappers:
            table = mapper.class_
            if issubclass(table, Owned):
                query = select(table.__table__).where(table.organisation_id == desk.organisation_id)
                found[table.__tablename__] = sorted(repr(tuple(row)) for row in session.execute(query))
    return found


def test_the_twins_are_alike(desks: tuple[PaperDesk, PaperDesk]) -> None:
    north, south = desks
    assert (north.person("ada"), north.glover) == (south.person("ada"), south.glover)
    assert north.organisation_id != south.organisation_id


def test_a_whole_order_of_one_leaves_the_other_untouched(desks: tuple[PaperDesk, PaperDesk]) -> None:
    north, south = desks
    south.order_gloves()
    before = rows_of(south)
    order = north.order_gloves()
    north.reply(north.glover, order, "We confirm your order as written.")
    assert rows_of(south) == before
    with north.rows() as session:
        first, second = north.orders(session)[0], south.orders(session)[0]
        assert first.number == second.number
        assert (first.acknowledgement, second.acknowledgement) == ("accepted", "awaiting")
        assert [list(faults(session, one)) for one in session.scalars(select(Organisation.id))] == [[], []]


def test_an_answer_to_one_that_is_sent_to_the_other_decides_nothing(desks: tuple[PaperDesk, PaperDesk]) -> None:
    north, south = desks
    north.ask_for_gloves()
    asked = north.outbox(north.person("olga"))[-1]
    before = rows_of(north)
    south.reply(south.person("olga"), asked, "Approved")
    assert rows_of(north) == before
    with south.rows() as session:
        row = session.scalars(select(Message).where(Message.organisation_id == south.organisation_id)).one()
        assert (row.approval_id, row.outbound_id, row.requisition_id) == (None, None, None)


def test_an_order_number_of_the_other_means_nothing(desks: tuple[PaperDesk, PaperDesk]) -> None:
    north, south = desks
    order = north.order_gloves()
    before = rows_of(north)
    south.reply(south.glover, order, "We confirm PO-2026-00001 as written.")
    assert rows_of(north) == before
    assert south.codes() == ["NO_ORDER_MATCH"]


def test_one_mail_to_both_is_a_mail_of_each(desks: tuple[PaperDesk, PaperDesk]) -> None:
    text = "Please order 10 boxes of nitrile gloves, size M (G-100), cost centre 4711."
    raw = desks[0].mail(desks[0].person("ada"), "Gloves", text)
    for desk in desks:
        desk.deliver(raw)
    desks[0].work()
    for desk in desks:
        with desk.rows() as session:
            assert desk.requisition(session).number == "R-00001"
            states = session.scalars(select(Message.state).where(Message.organisation_id == desk.organisation_id))
            assert states.all() == ["filed"]


def test_a_bounce_marks_only_the_mail_of_its_own_organisation(desks: tuple[PaperDesk, PaperDesk]) -> None:
    north, south = desks
    order = north.order_gloves()
    south.order_gloves()
    with north.rows() as session:
        session.execute(
            update(Outbound)
            .where(Outbound.organisation_id == south.organisation_id, Outbound.kind == "order")
            .values(message_id=order.message_id)
        )
    report = (
        "From: MAILER-DAEMON@mx.example\r\nTo: purchasing@north.example\r\nSubject: Undelivered Mail\r\n"
        "Message-ID: <b1@mx.example>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\r\n\r\n'
        "--x\r\nContent-Type: text/plain\r\n\r\nNot delivered.\r\n"
        "--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {north.glover}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "--x\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: {order.message_id}\r\nSubject: Order\r\n--x--\r\n"
    )
    north.deliver(report.encode())
    north.work()
    with north.rows() as session:
        for desk, state in ((north, "bounced"), (south, "sent")):
            mail = select(Outbound.state).where(
                Outbound.organisation_id == desk.organisation_id, Outbound.kind == "order"
            )
            assert session.scalars(mail).all() == [state]
    assert (north.codes(), south.codes()) == (["BOUNCED"], [])
