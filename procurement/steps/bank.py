"""Suppliers' bank details in the database: sealed, compared by prints, and changed by two people."""

import json
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from procurement.bank import account_forms, masked
from records.audit import record
from records.keyring import Keyring, keyring
from records.tables import BankChange, Organisation, Supplier, SupplierBank

HOURS = "bank_hours"  # in organisation.checks: the hours between a proposal and its confirmation


class BankChangeRefusedError(ValueError):
    """Raised where a change of bank details may not be made so; the message is a sentence."""


def known_accounts(session: Session, supplier_id: int) -> Callable[[str], bool] | None:
    """Return a test of whether a named form is an account of the supplier; None where none is known."""
    found = session.scalars(select(SupplierBank.prints).where(SupplierBank.supplier_id == supplier_id)).first()
    if not found:
        return None
    known, ring = frozenset(found), keyring(session)
    return lambda form: not known.isdisjoint(ring.prints(form))


def standing(session: Session, supplier: Supplier) -> SupplierBank | None:
    """Return the accounts that a supplier is paid on now; None where none are known."""
    return session.scalars(select(SupplierBank).where(SupplierBank.supplier_id == supplier.id)).one_or_none()


def sealing_ring(session: Session) -> Keyring:
    """Return the keyring to seal with; a key is made only where nothing was ever sealed, lost ones are missed."""
    sealed_ones = (select(SupplierBank.id), select(BankChange.id).where(BankChange.sealed.is_not(None)))
    is_first = all(session.scalars(one.limit(1)).first() is None for one in sealed_ones)
    return keyring(session, making=is_first)


def opened(ring: Keyring, sealed: str | None) -> list[str]:
    """Return the accounts behind a seal; none where there is no seal."""
    return list(json.loads(ring.open(sealed))) if sealed else []


def sealed(ring: Keyring, accounts: Sequence[str]) -> str:
    """Return the seal of ``accounts``."""
    return ring.seal(json.dumps(list(accounts)))


def prints(ring: Keyring, accounts: Sequence[str]) -> list[str]:
    """Return what is kept of ``accounts`` to know them by: the newest key's hash of every form of each."""
    return [ring.prints(form)[0] for account in accounts for form in account_forms(account)]


def propose(
    session: Session,
    supplier: Supplier,
    accounts: Sequence[str],
    *,
    by: str,
    reason: str,
    source: str,
    now: datetime,
) -> BankChange:
    """Note a change to ``accounts`` (none: the supplier has no known account any more) and return it.

    A change of the same supplier that was waiting is superseded. Raises BankChangeRefusedError where nothing
    would change.
    """
    ring = sealing_ring(session)
    session.refresh(supplier, with_for_update=True)
    row = standing(session, supplier)
    if opened(ring, row.sealed if row else None) == list(accounts):
        raise BankChangeRefusedError(f"The bank details of {supplier.code} are these already.")
    for waiting in session.scalars(_waiting(supplier)):
        _decide(session, waiting, "superseded", by, "another change was proposed", now)
    change = BankChange(
        organisation_id=supplier.organisation_id,
        supplier_id=supplier.id,
        old_masked=list(row.masked) if row else [],
        new_masked=list(map(masked, accounts)),
        sealed=sealed(ring, accounts),
        source=source,
        reason=reason,
        proposed_by=by,
        proposed_at=now,
    )
    session.add(change)
    session.flush()
    _record(session, supplier, change, "bank_proposed", by, reason)
    return change


def confirm(session: Session, change: BankChange, *, by: str, reason: str, now: datetime) -> None:
    """Make a proposed change the supplier's bank details; raises BankChangeRefusedError.

    Whoever proposed it may not confirm it, and not before the organisation's hours for second thoughts are over.
    """
    supplier = _claim(session, change)
    if _who(by) == _who(change.proposed_by):
        raise BankChangeRefusedError(f"{by} proposed this change; somebody else must confirm it.")
    organisation = session.get_one(Organisation, change.organisation_id)
    ripe = change.proposed_at + timedelta(hours=organisation.checks.get(HOURS, 0))
    if now < ripe:
        raise BankChangeRefusedError(f"This change may be confirmed from {ripe:%Y-%m-%d %H:%M} UTC on.")
    ring = keyring(session)
    put_accounts(session, ring, supplier, opened(ring, change.sealed), now)
    _decide(session, change, "confirmed", by, reason, now)
    _record(session, supplier, change, "bank_confirmed", by, reason)


def refuse(session: Session, change: BankChange, *, by: str, reason: str, now: datetime) -> None:
    """Drop a proposed change; whoever proposed it may take it back so. Raises BankChangeRefusedError."""
    supplier = _claim(session, change)
    _decide(session, change, "refused", by, reason, now)
    _record(session, supplier, change, "bank_refused", by, reason)


def put_accounts(session: Session, ring: Keyring, supplier: Supplier, accounts: Sequence[str], now: datetime) -> None:
    """Make ``accounts`` the supplier's bank details; only for what two people, or a first load, decided."""
    row = standing(session, supplier)
    if not accounts:
        if row is not None:
            session.delete(row)
        return
    if row is None:
        row = SupplierBank(organisation_id=supplier.organisation_id, supplier_id=supplier.id)
        session.add(row)
    row.sealed, row.prints, row.since = sealed(ring, accounts), prints(ring, accounts), now
    row.masked = list(map(masked, accounts))


def _waiting(supplier: Supplier) -> Select[BankChange]:
    return select(BankChange).where(BankChange.supplier_id == supplier.id, BankChange.state == "proposed")


def _claim(session: Session, change: BankChange) -> Supplier:
    """Return the change's supplier, both locked until the commit."""
    supplier = session.get_one(Supplier, change.supplier_id, with_for_update=True)
    session.refresh(change, with_for_update=True)
    if change.state != "proposed":
        raise BankChangeRefusedError(f"This change is {change.state} already, by {change.decided_by}.")
    return supplier


def _decide(session: Session, change: BankChange, state: str, by: str, reason: str, now: datetime) -> None:
    change.state, change.decided_by, change.decided_at, change.decision_reason = state, by, now, reason
    change.sealed = None
    session.flush()


def _record(session: Session, supplier: Supplier, change: BankChange, action: str, by: str, reason: str) -> None:
    told = {"old": list(change.old_masked), "new": list(change.new_masked), "reason": reason}
    record(session, change, action, by, supplier=supplier.code, proposed_by=change.proposed_by, **told)


def _who(name: str) -> str:
    """Return a name as it is compared, so that nobody is two people by another spelling."""
    return unicodedata.normalize("NFKC", name).strip().casefold().removeprefix("operator:")
