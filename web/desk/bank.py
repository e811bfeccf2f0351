"""Suppliers' bank details at the desk: one person proposes a change, another one confirms it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.bank import is_masked
from procurement.folder_values import bank_account
from procurement.steps.bank import (
    BankChangeRefusedError,
    confirm,
    opened,
    propose,
    refuse,
    standing,
)
from records.audit import record
from records.base import utc_now
from records.keyring import keyring
from records.tables import BankChange, Organisation, Supplier, SupplierBank
from web.desk.refused import CommandError


def propose_accounts(
    session: Session, organisation: Organisation, supplier: str, accounts: Sequence[str], by: str, reason: str
) -> BankChange:
    """Propose that the supplier of the code is paid on ``accounts`` and on no others, and return the change."""
    read = list(dict.fromkeys(map(_account, accounts)))
    row = supplier_coded(session, organisation, supplier)
    try:
        return propose(session, row, read, by=by, reason=_said(reason), source="desk", now=utc_now())
    except BankChangeRefusedError as error:
        raise CommandError(str(error)) from error


def confirm_accounts(session: Session, organisation: Organisation, number: int, by: str, reason: str) -> BankChange:
    """Put a proposed change in place; refuses whoever proposed it."""
    change = _change(session, organisation, number)
    try:
        confirm(session, change, by=by, reason=_said(reason), now=utc_now())
    except BankChangeRefusedError as error:
        raise CommandError(str(error)) from error
    return change


def refuse_accounts(session: Session, organisation: Organisation, number: int, by: str, reason: str) -> BankChange:
    """Drop a proposed change."""
    change = _change(session, organisation, number)
    try:
        refuse(session, change, by=by, reason=_said(reason), now=utc_now())
    except BankChangeRefusedError as error:
        raise CommandError(str(error)) from error
    return change


def waiting_changes(session: Session, organisation: Organisation) -> list[dict[str, Any]]:
    """Return the changes that wait for a second person, the oldest first."""
    found = select(BankChange).where(BankChange.organisation_id == organisation.id, BankChange.state == "proposed")
    return [change_values(one) for one in session.scalars(found.order_by(BankChange.id))]


def changes_of(session: Session, organisation: Organisation, supplier: str) -> list[dict[str, Any]]:
    """Return every change of a supplier's bank details, the newest first."""
    row = supplier_coded(session, organisation, supplier)
    found = select(BankChange).where(BankChange.supplier_id == row.id)
    return [change_values(one) for one in session.scalars(found.order_by(BankChange.id.desc()))]


def accounts_shown(session: Session, organisation: Organisation, supplier: str) -> list[str]:
    """Return what may be shown of the accounts that a supplier is paid on."""
    row = standing(session, supplier_coded(session, organisation, supplier))
    return list(row.masked) if row else []


def reveal_accounts(session: Session, organisation: Organisation, by: str, reason: str) -> dict[str, tuple[str, ...]]:
    """Return the accounts of all suppliers in full, by their codes; the audit chain keeps who asked and why."""
    found = select(Supplier.code, SupplierBank.sealed).join(Supplier, Supplier.id == SupplierBank.supplier_id)
    rows = session.execute(found.where(SupplierBank.organisation_id == organisation.id).order_by(Supplier.code)).all()
    record(session, organisation, "bank_revealed", by, reason=_said(reason), suppliers=len(rows))
    if not rows:
        return {}
    ring = keyring(session)
    return {code: tuple(opened(ring, seal)) for code, seal in rows}


def change_values(change: BankChange) -> dict[str, Any]:
    """Return what may be shown of a change."""
    names = ("id", "state", "old_masked", "new_masked", "source", "reason", "proposed_by", "proposed_at")
    decided = ("decided_by", "decided_at", "decision_reason")
    return {"supplier": change.supplier.code} | {name: getattr(change, name) for name in (*names, *decided)}


def supplier_coded(session: Session, organisation: Organisation, code: str) -> Supplier:
    """Return the organisation's supplier of that code; raises CommandError."""
    found = select(Supplier).where(Supplier.organisation_id == organisation.id, Supplier.code == code)
    supplier = session.scalars(found).one_or_none()
    if supplier is None:
        raise CommandError(f"There is no supplier {code} in {organisation.slug}.")
    return supplier


def _change(session: Session, organisation: Organisation, number: int) -> BankChange:
    found = select(BankChange).where(BankChange.organisation_id == organisation.id, BankChange.id == number)
    change = session.scalars(found).one_or_none()
    if change is None:
        raise CommandError(f"There is no change {number} of bank details in {organisation.slug}.")
    return change


def _account(text: str) -> str:
    if is_masked(text):
        raise CommandError(f"{text} is masked; give the account whole.")
    try:
        return bank_account(text)
    except ValueError as error:
        raise CommandError(f"The account {text!r} {error}.") from error


def _said(reason: str) -> str:
    if not reason.strip():
        raise CommandError("Say why; the history and the audit chain keep it.")
    return reason.strip()
