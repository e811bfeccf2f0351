"""Other bank details in a mail, on both databases: a person is asked, nothing is taken over."""

import pytest
from sqlalchemy import select

from procurement.steps.bank import put_accounts
from records.base import utc_now
from records.blobs import Blobs
from records.database import Database
from records.keyring import keyring
from records.problems import Code
from records.tables import Supplier, SupplierBank
from tests.paper_desk import PaperDesk, fingerprint
from web.desk.resolution import waive_all

KNOWN, OTHER = "DE89370400440532013000", "GB33BUKB20201555555555"


@pytest.fixture
def desk(database: Database, blobs: Blobs) -> PaperDesk:
    desk = PaperDesk(database, blobs)
    with desk.rows() as session:
        glove = session.scalars(select(Supplier).where(Supplier.code == "GLOVE")).one()
        put_accounts(session, keyring(session, making=True), glove, [KNOWN], utc_now())
    return desk


def master_data(desk: PaperDesk) -> list[tuple[object, ...]]:
    with desk.rows() as session:
        columns = (Supplier.code, SupplierBank.sealed, Supplier.address, Supplier.emails, Supplier.domains)
        found = select(*columns, Supplier.order_email).outerjoin(SupplierBank, SupplierBank.supplier_id == Supplier.id)
        return [tuple(row) for row in session.execute(found.order_by(Supplier.id))]


def acknowledgement(desk: PaperDesk) -> str:
    with desk.rows() as session:
        return desk.orders(session)[0].acknowledgement


@pytest.mark.parametrize(
    "text",
    [
        f"We confirm your order as written.\n\nKind regards\nJan\nIBAN {OTHER}",
        "We confirm your order as written. Please note that our bank details have changed.",
        f"Wir bestätigen Ihre Bestellung. Unsere neue Bankverbindung lautet {OTHER}.",
    ],
)
def test_a_confirmation_that_names_another_account_waits_for_the_buyer(desk: PaperDesk, text: str) -> None:
    order, before = desk.order_gloves(), master_data(desk)
    desk.reply(desk.glover, order, text)
    assert set(desk.codes()) == {Code.BANK_MISMATCH}
    assert acknowledgement(desk) == "awaiting"
    with desk.rows() as session:
        item = desk.held(session)[0]
        assert item.owner == "buyer"
        waive_all(session, item, "BANK_MISMATCH", None, "buyer", "called them: their letterhead is old")
    desk.work()
    assert "BANK_MISMATCH" not in desk.codes()
    assert acknowledgement(desk) == "accepted" or desk.codes()
    assert master_data(desk) == before


def test_a_confirmation_that_names_the_known_account_is_applied(desk: PaperDesk) -> None:
    order = desk.order_gloves()
    desk.reply(desk.glover, order, f"We confirm your order as written.\n\nKind regards\nJan\nIBAN {KNOWN}")
    assert (acknowledgement(desk), desk.codes()) == ("accepted", [])


@pytest.mark.parametrize("local", ["ada", "vera", "olga"])
def test_whoever_passes_such_a_message_on_reaches_a_person(desk: PaperDesk, local: str) -> None:
    before = master_data(desk)
    text = f"Handmade Gloves told me that their bank account has changed. Please pay to {OTHER} from now on."
    desk.receive(desk.person(local), "Bank details", text)
    assert "BANK_MISMATCH" in desk.codes()
    assert master_data(desk) == before


def test_a_stranger_who_announces_an_account_is_held_for_both_reasons(desk: PaperDesk) -> None:
    desk.receive("jan@gloves-n0rth.example", "Bank", "Our bank details have changed, please use the new IBAN.")
    assert "LOOKALIKE_SENDER" in desk.codes()
    desk.receive("jan@elsewhere.example", "Bank", "Our bank details have changed, please use the new IBAN.")
    assert {"UNKNOWN_SENDER", "BANK_MISMATCH"} <= set(desk.codes())


def test_working_again_changes_nothing(desk: PaperDesk) -> None:
    order = desk.order_gloves()
    desk.reply(desk.glover, order, "Confirmed. Our bank details have changed.")
    before = fingerprint(desk.database)
    desk.work()
    assert fingerprint(desk.database) == before
