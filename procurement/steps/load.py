"""Load an organisation's folder: what is new is inserted, what changed updated, what is gone ended.

Loading the same twice changes nothing and writes no audit entry. What a file no longer lists keeps its
history: people become inactive, suppliers "inactive", mailboxes stop, and what has a validity (catalog items,
contracts, cost centres, accounts, projects) ends on the day before. Only budgets, contacts, and places that no
requisition names, are deleted; the audit entry keeps them.
The table of an absent optional file is left as it is.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from procurement.folder_data import Fault, OrganisationData, PolicyData
from procurement.policy import rules_to_json
from procurement.steps.load_bank import BankLoad, bank_faults, load_bank
from procurement.steps.load_catalog import load_catalog
from procurement.steps.load_master import load_master, name_suppliers
from procurement.steps.load_rows import Counts, Target, load_rows, tell
from records.audit import record
from records.base import utc_now
from records.tables import (
    AuditEntry,
    Budget,
    CostCenter,
    Mailbox,
    Organisation,
    Person,
    Policy,
    Relay,
    Requisition,
    ShipTo,
    Supplier,
)


@dataclass(frozen=True)
class Changes:
    """What a load changed, table by table, and in which organisation."""

    organisation_id: int
    tables: dict[str, Counts]

    @property
    def is_empty(self) -> bool:
        """Return whether everything was already as the folder says."""
        return not any(counts.changed_anything for counts in self.tables.values())


@dataclass(frozen=True)
class Preview:
    """What a load would change, and the details that it would leave in the audit chain, one a table."""

    changes: Changes
    details: tuple[dict[str, Any], ...]


class LoadRefusedError(ValueError):
    """Raised, before anything is written, where the folder contradicts what was loaded before."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = faults


def load_organisation(
    session: Session,
    data: OrganisationData,
    *,
    actor: str = "org load",
    bank: BankLoad | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Changes:
    """Write a whole folder and return what changed; raises LoadRefusedError. The caller commits.

    Bank details are proposed in the name of ``bank.by``, by default the ``actor``.
    """
    bank = bank or BankLoad(actor)
    now = clock()
    existing = session.scalars(
        select(Organisation).where(Organisation.slug == data.settings.slug).with_for_update()
    ).first()
    if faults := _faults(session, existing, data, bank):
        raise LoadRefusedError(faults)
    tables: dict[str, Counts] = {}
    organisation, tables["organisation"] = _settings(session, existing, data, actor)
    yesterday = now.astimezone(ZoneInfo(organisation.time_zone)).date() - timedelta(days=1)
    target = Target(session, organisation, actor, yesterday)
    tables["mailbox"] = _mailboxes(target, data, now)
    tables["person"] = load_rows(target, Person, ("email",), map(asdict, data.people), {"active": False})
    suppliers = ({k: v for k, v in asdict(one).items() if k != "bank_accounts"} for one in data.suppliers)
    tables["supplier"] = load_rows(target, Supplier, ("code",), suppliers, {"status": "inactive"})
    if tables["supplier"].changed_anything:
        name_suppliers(target)
    tables["bank_change"] = load_bank(target, data, bank, now)
    tables["cost_center"] = load_rows(
        target, CostCenter, ("code",), map(asdict, data.cost_centers), {"valid_until": yesterday}
    )
    named = select(Requisition.ship_to).where(Requisition.organisation_id == organisation.id).distinct()
    tables["ship_to"] = load_rows(
        target, ShipTo, ("code",), map(asdict, data.ship_to), kept=frozenset(session.scalars(named))
    )
    tables |= load_master(target, data)
    if data.budgets is not None:
        key = ("cost_center", "account", "starts_on")
        tables["budget"] = load_rows(target, Budget, key, map(asdict, data.budgets))
    if data.catalog is not None:
        tables["catalog_item"] = load_catalog(target, data.catalog)
    tables["policy"] = _policy(target, data.policy)
    return Changes(organisation.id, tables)


def preview_organisation(
    session: Session, data: OrganisationData, *, clock: Callable[[], datetime] = utc_now
) -> Preview:
    """Return what loading ``data`` would change; everything is rolled back. Raises LoadRefusedError."""
    newest = select(func.coalesce(func.max(AuditEntry.sequence), 0)).join(
        Organisation, Organisation.id == AuditEntry.organisation_id
    )
    before = session.scalars(newest.where(Organisation.slug == data.settings.slug)).one()
    try:
        changes = load_organisation(session, data, clock=clock)
        entries = select(AuditEntry.detail).where(
            AuditEntry.organisation_id == changes.organisation_id, AuditEntry.sequence > before
        )
        return Preview(changes, tuple(session.scalars(entries.order_by(AuditEntry.sequence))))
    finally:
        session.rollback()


def _settings(
    session: Session, existing: Organisation | None, data: OrganisationData, actor: str
) -> tuple[Organisation, Counts]:
    values = {name: _plain(value) for name, value in asdict(data.settings).items()}
    if existing is None:
        organisation = Organisation(**values)
        session.add(organisation)
        session.flush()
        record(session, organisation, "loaded", actor, table="organisation", added=[organisation.slug])
        return organisation, Counts(inserted=1)
    differing = {
        name: [tell(getattr(existing, name)), tell(value)]
        for name, value in values.items()
        if getattr(existing, name) != value
    }
    for name in differing:
        setattr(existing, name, values[name])
    if not differing:
        return existing, Counts(unchanged=1)
    if "smtp" in differing:
        _try_relay(session, existing)
    record(session, existing, "loaded", actor, table="organisation", changed={existing.slug: differing})
    return existing, Counts(updated=1)


def _try_relay(session: Session, organisation: Organisation) -> None:
    """Let a relay that refused our login be tried at once, because another one is described."""
    row = session.scalars(select(Relay).where(Relay.organisation_id == organisation.id)).one_or_none()
    if row is not None:
        row.login_failures, row.wait_until = 0, None
        row.due_at = utc_now() if row.state == "stopped" else None


def _mailboxes(target: Target, data: OrganisationData, now: datetime) -> Counts:
    """Write the mailboxes; one that starts or changes is polled at once and its failed logins are forgotten."""
    wake = {"state": "active", "due_at": now, "login_failures": 0}
    return load_rows(
        target,
        Mailbox,
        ("name",),
        ({"name": one.name, "config": one.config, "state": "active"} for one in data.mailboxes),
        {"state": "stopped", "due_at": None},
        only=Mailbox.state.in_(["active", "stopped"]),
        beside=wake,
    )


def _policy(target: Target, policy: PolicyData) -> Counts:
    known = select(Policy.id).where(Policy.organisation_id == target.organisation.id, Policy.version == policy.version)
    if target.session.scalars(known).first() is not None:
        return Counts(unchanged=1)
    row = Policy(
        organisation_id=target.organisation.id,
        version=policy.version,
        valid_from=policy.valid_from,
        rules=rules_to_json(policy.rules),
    )
    target.session.add(row)
    target.session.flush()
    record(target.session, row, "loaded", target.actor, table="policy", added=[policy.version])
    return Counts(inserted=1)


def _faults(
    session: Session, existing: Organisation | None, data: OrganisationData, bank: BankLoad
) -> tuple[Fault, ...]:
    known = existing.id if existing else None
    return (
        *_policy_faults(session, existing, data.policy),
        *_mailbox_faults(session, existing, data),
        *bank_faults(session, known, data),
        *_acceptance_faults(existing, bank),
    )


def _acceptance_faults(existing: Organisation | None, bank: BankLoad) -> tuple[Fault, ...]:
    """Return a fault where bank details are to be accepted unseen in an organisation that exists already."""
    if existing is None or not bank.accepted:
        return ()
    text = (
        "bank details are accepted by one person only when an organisation is loaded first; afterwards two change them"
    )
    return (Fault("suppliers.csv", None, text),)


def _policy_faults(session: Session, organisation: Organisation | None, policy: PolicyData) -> tuple[Fault, ...]:
    """Return a fault where the version is known with other rules: what was decided by it would change."""
    if organisation is None:
        return ()
    known = session.scalars(
        select(Policy).where(Policy.organisation_id == organisation.id, Policy.version == policy.version)
    ).first()
    if known is None or (known.rules == rules_to_json(policy.rules) and known.valid_from == policy.valid_from):
        return ()
    text = f"version {policy.version!r} was loaded before with other rules; give the changed policy a new version"
    return (Fault("policy.toml", None, text),)


def _mailbox_faults(session: Session, organisation: Organisation | None, data: OrganisationData) -> tuple[Fault, ...]:
    """Return a fault for each account that another organisation reads: its mail would belong to both."""
    others = select(Mailbox).where(Mailbox.state == "active")
    if organisation is not None:
        others = others.where(Mailbox.organisation_id != organisation.id)
    taken = {_account(row.config) for row in session.scalars(others)}
    return tuple(
        Fault("organisation.toml", None, f"the mailbox {one.name!r} is already read for another organisation")
        for one in data.mailboxes
        if _account(one.config) in taken
    )


def _account(config: dict[str, Any]) -> tuple[object, ...]:
    return tuple(str(config.get(name, "")).casefold() for name in ("host", "port", "username", "folder"))


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
