"""Bank details that a folder names: what differs becomes a proposal that a second person confirms.

An empty cell says nothing, and a masked account (as an export writes it) stands for the one that is known.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.bank import is_masked, masked
from procurement.folder_data import Fault, OrganisationData
from procurement.steps.bank import opened, propose, put_accounts, sealing_ring
from procurement.steps.load_rows import Counts, Target, told_changes
from records.audit import record
from records.keyring import Keyring
from records.tables import BankChange, Supplier, SupplierBank

Accounts = tuple[str, ...]
REASON = "named in suppliers.csv"
FIRST = "named in suppliers.csv when the organisation was loaded first"


@dataclass(frozen=True)
class BankLoad:
    """In whose name bank details are proposed; ``accepted`` puts those of a new organisation in place at once."""

    by: str
    accepted: bool = False


def bank_faults(session: Session, organisation_id: int | None, data: OrganisationData) -> Iterator[Fault]:
    """Yield a fault for each supplier whose masked accounts are not those that are known."""
    standing = known_masks(session, organisation_id) if organisation_id is not None else {}
    for one in data.suppliers:
        if any(map(is_masked, one.bank_accounts)) and one.bank_accounts != standing.get(one.code):
            text = f"the bank_accounts of {one.code} are masked and not those that are known"
            yield Fault("suppliers.csv", None, f"{text}; name them whole, or leave the cell empty")


def known_masks(session: Session, organisation_id: int) -> dict[str, Accounts]:
    """Return what may be shown of the suppliers' accounts, by their codes."""
    found = select(Supplier.code, SupplierBank.masked).join(Supplier, Supplier.id == SupplierBank.supplier_id)
    rows = session.execute(found.where(SupplierBank.organisation_id == organisation_id))
    return {code: tuple(shown) for code, shown in rows}


def load_bank(target: Target, data: OrganisationData, load: BankLoad, now: datetime) -> Counts:
    """Propose what the folder says otherwise, or put it in place, and return how many suppliers that are.

    What was refused, or is waiting already, is not proposed again by the same words.
    """
    whole = (one for one in data.suppliers if not any(map(is_masked, one.bank_accounts)))
    said = {one.code: one.bank_accounts for one in whole if one.bank_accounts}
    if not said:
        return Counts()
    ring = sealing_ring(target.session)
    known, asked = _known(target, ring), _asked(target)
    fresh = {
        code: accounts
        for code, accounts in said.items()
        if accounts != known.get(code) and tuple(map(masked, accounts)) != asked.get(code)
    }
    for supplier in _suppliers(target, fresh):
        _write(target, ring, supplier, fresh[supplier.code], load, now)
    if fresh:
        changes = {
            code: {"bank_accounts": [list(map(masked, known.get(code, ()))), list(map(masked, accounts))]}
            for code, accounts in fresh.items()
        }
        record(
            target.session, target.organisation, "loaded", target.actor, table="bank_change", **told_changes(changes)
        )
    return Counts(inserted=len(fresh), unchanged=len(said) - len(fresh))


def _write(
    target: Target, ring: Keyring, supplier: Supplier, accounts: Accounts, load: BankLoad, now: datetime
) -> None:
    if not load.accepted:
        propose(target.session, supplier, accounts, by=load.by, reason=REASON, source="folder", now=now)
        return
    put_accounts(target.session, ring, supplier, accounts, now)
    target.session.add(
        BankChange(
            organisation_id=target.organisation.id,
            supplier_id=supplier.id,
            state="confirmed",
            new_masked=list(map(masked, accounts)),
            source="folder",
            reason=FIRST,
            proposed_by=load.by,
            proposed_at=now,
            decided_by=load.by,
            decided_at=now,
            decision_reason=FIRST,
        )
    )


def _known(target: Target, ring: Keyring) -> Mapping[str, Accounts]:
    found = select(Supplier.code, SupplierBank.sealed).join(Supplier, Supplier.id == SupplierBank.supplier_id)
    rows = target.session.execute(found.where(SupplierBank.organisation_id == target.organisation.id))
    return {code: tuple(opened(ring, seal)) for code, seal in rows}


def _asked(target: Target) -> Mapping[str, Accounts]:
    """Return the masks of each supplier's newest change where it is waiting or was refused."""
    found = (
        select(Supplier.code, BankChange.state, BankChange.new_masked)
        .join(Supplier, Supplier.id == BankChange.supplier_id)
        .where(BankChange.organisation_id == target.organisation.id)
        .order_by(BankChange.id)
    )
    newest = {code: (state, tuple(shown)) for code, state, shown in target.session.execute(found)}
    return {code: shown for code, (state, shown) in newest.items() if state in ("proposed", "refused")}


def _suppliers(target: Target, codes: Iterable[str]) -> list[Supplier]:
    wanted = frozenset(codes)
    found = select(Supplier).where(Supplier.organisation_id == target.organisation.id).order_by(Supplier.code)
    return [one for one in target.session.scalars(found) if one.code in wanted] if wanted else []
