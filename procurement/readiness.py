"""Is an organisation fit to start? A checklist by section: what was measured, what is missing, and what to do.

A section whose gaps stop orders (nobody may sign, no budget, an unproven policy) is ``blocked``; one with gaps
that cost people's time later is ``to_do``; one without findings is ``ready``.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from procurement.approvers import Directory
from procurement.folder_data import OrganisationData, PersonData, SupplierData
from procurement.known import holds_on
from procurement.policy_check import check

SOON = timedelta(days=60)
ENOUGH_MATCHED = 60  # percent of requested lines that should be found in the catalog
MOST_NAMED = 8


@dataclass(frozen=True)
class Finding:
    """One gap; ``action`` says what to do, ``stops`` whether nothing can be ordered before."""

    text: str
    action: str
    stops: bool = False


@dataclass(frozen=True)
class Section:
    """One part of the checklist; ``measured`` holds facts in short sentences."""

    title: str
    measured: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> str:
        """Return ready, to_do or blocked."""
        if any(finding.stops for finding in self.findings):
            return "blocked"
        return "to_do" if self.findings else "ready"


@dataclass(frozen=True)
class MailFacts:
    """What an imported old mailbox shows: counts of mails and of requested lines."""

    mails: int = 0
    requested_lines: int = 0
    matched_lines: int = 0  # found in the catalog, or nearly: one clear item
    supplier_documents: int = 0  # confirmations, invoices, delivery notes
    without_order: int = 0  # of these, those that name no order number
    unknown_senders: tuple[tuple[str, int], ...] = ()  # domains that send such documents and are no supplier's


def readiness(data: OrganisationData, directory: Directory, mail: MailFacts, today: date) -> tuple[Section, ...]:
    """Return the whole checklist, in the order in which one would work through it."""
    return (
        _own(data),
        _people(data),
        _policy(data, directory),
        _suppliers(data),
        _catalog(data, today),
        _coding(data, today),
        _mail(mail),
    )


def verdict(sections: Iterable[Section]) -> str:
    """Return the worst verdict of the sections."""
    verdicts = {section.verdict for section in sections}
    return next((one for one in ("blocked", "to_do") if one in verdicts), "ready")


def _own(data: OrganisationData) -> Section:
    """Return what the organisation says of itself: it stands on every order."""
    own = data.settings
    places = [*data.ship_to, *data.bill_to]
    without = [own.name, *(f"{one.name} ({one.code})" for one in places)]
    countries = [own.country, *(one.country for one in places)]
    findings = [
        *_none(own.address, "The organisation has no address.", "Fill in address in organisation.toml."),
        *_none(own.tax_number or "", "The organisation has no tax number.", "Fill in tax_number in organisation.toml."),
        *_each(
            [name for name, country in zip(without, countries, strict=True) if not country],
            "No country is known of: {names}.",
            "Fill in country in organisation.toml and places.csv; orders as data are not complete without it.",
        ),
        *_none(data.ship_to, "There is no place to deliver to.", "List one in places.csv with the purpose ship_to."),
    ]
    return Section(
        "Your organisation",
        (f"Places to deliver to: {len(data.ship_to)}; to send invoices to: {len(data.bill_to)}.",),
        tuple(findings),
    )


def _people(data: OrganisationData) -> Section:
    signing = [one for one in data.people if one.active and one.approval_limit is not None]
    alone = [one.name for one in signing if not _deputies(one, signing)]
    requesters = [one for one in data.people if one.active and "requester" in one.roles]
    findings = [
        *_none(signing, "Nobody may sign.", "Give an approval_limit in people.csv to those who may.", stops=True),
        *_none(requesters, "Nobody may request.", "Give the role requester in people.csv.", stops=True),
        *_each(
            alone,
            "Approvers without a deputy who may sign as much: {names}.",
            "Let somebody with the same role, or their manager, have at least their approval_limit.",
        ),
    ]
    return Section("People and authority", (f"{len(data.people)} people, {len(signing)} may sign.",), tuple(findings))


def _deputies(person: PersonData, signing: Sequence[PersonData]) -> list[PersonData]:
    """Return who could sign in a person's place: their manager, or somebody of the same role, with no lower limit."""
    shared = set(person.roles) - {"requester", "approver"}
    return [
        one
        for one in signing
        if one.email != person.email
        and (one.approval_limit or 0) >= (person.approval_limit or 0)
        and (one.email == person.manager_email or shared & set(one.roles))
    ]


def _policy(data: OrganisationData, directory: Directory) -> Section:
    findings = [
        Finding(one.text, "Mend policy.toml; `buydesk policy check` proves it.", stops=one.kind in ("gap", "nobody"))
        for one in check(data.policy.rules, directory)
    ]
    proven = "not proven yet" if findings else "proven for every requisition there can be"
    measured = f"Version {data.policy.version}, {len(data.policy.rules)} rules, {proven}."
    return Section("Approval policy", (measured,), tuple(findings))


def _suppliers(data: OrganisationData) -> Section:
    active = [one for one in data.suppliers if one.status == "active"]
    incomplete: list[tuple[Callable[[SupplierData], object], str, str]] = [
        (lambda one: one.tax_number, "without a tax number", "Ask for it; invoices are matched and taxed by it."),
        (lambda one: one.address, "without an address", "Fill in address; it stands on the order."),
        (lambda one: one.country, "without a country",
         "Fill in country; the order as data (Order-X, Peppol) is not complete without it."),
        (lambda one: one.domains or len(one.emails) > 1, "known by one address only",
         "List the other addresses, or the mail domain, from which they answer."),
        (lambda one: one.payment_terms or data.settings.payment_terms, "without payment terms",
         "Fill in payment_terms."),
        (lambda one: one.bank_accounts, "without bank details",
         "Name them in bank_accounts or by `buydesk bank propose`, and let a second person confirm them, so that a "
         "forged change of them is seen."),
    ]  # fmt: skip
    findings = _none(active, "There is no active supplier.", "List suppliers in suppliers.csv.", stops=True)
    for has, what, action in incomplete:
        findings += _each([one.name for one in active if not has(one)], f"Suppliers {what}: {{names}}.", action)
    open_ones = [one.name for one in data.suppliers if one.status == "onboarding"]
    findings += _each(open_ones, "Suppliers still onboarding: {names}.", "Finish it and set status to active.")
    unexplained = [one.name for one in data.suppliers if one.status == "blocked" and not one.status_reason]
    findings += _each(unexplained, "Suppliers blocked without a reason: {names}.", "Fill in status_reason.")
    whole = sum(all(has(one) for has, _, _ in incomplete) for one in active)
    return Section("Suppliers", (f"{len(active)} active suppliers, {whole} with a complete record.",), tuple(findings))


def _catalog(data: OrganisationData, today: date) -> Section:
    items = [one for one in data.catalog or () if holds_on(today, one.valid_from, one.valid_until)]
    contracts = {one.reference: one for one in data.contracts or ()}
    expired = {name for name, one in contracts.items() if one.valid_until is not None and one.valid_until < today}
    used = {one.contract for one in items if one.contract}
    ending = [
        f"{name} ({one.valid_until})"
        for name, one in sorted(contracts.items())
        if one.valid_until and today <= one.valid_until <= today + SOON
    ]
    off = sum(one.contract is None for one in items)
    findings = [
        *_none(items, "The catalog has no valid item.", "List what is bought often in catalog.csv."),
        *_each(sorted(expired & used), "Expired contracts that items still name: {names}.",
               "Renew them in contracts.csv, or end the items."),
        *_each(ending, f"Contracts that end within {SOON.days} days: {{names}}.", "Renew them, or look for others."),
        *_each(sorted(used - contracts.keys()), "Contracts that items name and nobody listed: {names}.",
               "List them in contracts.csv with their validity and ceiling."),
    ]  # fmt: skip
    measured = f"{len(items)} valid items, {off} of them off contract; {len(contracts)} contracts."
    return Section("Catalog and contracts", (measured,), tuple(findings))


def _coding(data: OrganisationData, today: date) -> Section:
    active = {one.email for one in data.people if one.active}
    centers = [one for one in data.cost_centers if holds_on(today, one.valid_from, one.valid_until)]
    ownerless = [one.code for one in centers if one.owner_email not in active]
    ownerless += [
        one.code
        for one in data.projects or ()
        if holds_on(today, one.valid_from, one.valid_until) and one.owner_email not in active
    ]
    covered = {one.cost_center for one in data.budgets or () if one.starts_on <= today <= one.ends_on}
    poor = [one.code for one in centers if one.code not in covered]
    rated = {one.currency for one in data.rates or () if today - timedelta(days=7) <= one.valid_on <= today}
    foreign = {one.currency for one in data.suppliers if one.status == "active"} - {data.settings.currency}
    findings = [
        *_none(centers, "No cost centre is valid today.", "List them in cost_centers.csv.", stops=True),
        *_each(ownerless, "Cost centres and projects whose owner is not an active person: {names}.",
               "Name an owner in cost_centers.csv or projects.csv."),
        *_each(poor, "Cost centres without a budget today: {names}.",
               "Add a budget; without one every request is asked about.", stops=len(poor) == len(centers)),
        *_each(sorted(foreign - rated), "Currencies of suppliers without a rate of this week: {names}.",
               "Load exchange_rates.csv daily; without a rate a request is asked about."),
    ]  # fmt: skip
    measured = f"{len(centers)} cost centres, {len(centers) - len(poor)} with a budget today."
    return Section("Coding and budgets", (measured,), tuple(findings))


def _mail(mail: MailFacts) -> Section:
    if not mail.mails:
        advice = "Import some months of the old mailbox (buydesk import) to see how much is bought outside the rules."
        return Section("Buying as it was", ("No old mail was read.",), (Finding("Nothing is known of it.", advice),))
    matched = _percent(mail.matched_lines, mail.requested_lines)
    outside = _percent(mail.without_order, mail.supplier_documents)
    findings: list[Finding] = []
    if mail.requested_lines and matched < ENOUGH_MATCHED:
        text = f"Only {matched} % of {mail.requested_lines} requested lines are one clear item of the catalog."
        findings.append(Finding(text, "Add what is asked for most to the catalog; every other line needs a person."))
    if mail.without_order:
        text = f"{mail.without_order} of {mail.supplier_documents} documents of suppliers ({outside} %) name no order."
        findings.append(Finding(text, "Tell these suppliers that only numbered orders are paid."))
    findings += _each(
        [f"{domain} ({count})" for domain, count in mail.unknown_senders],
        "Senders of confirmations and invoices who are no supplier: {names}.",
        "Take them up in suppliers.csv, or stop buying there.",
    )
    measured = (
        f"{mail.mails} mails were read, {mail.requested_lines} lines requested, {matched} % of them in the catalog.",
        f"{mail.supplier_documents} confirmations, invoices and delivery notes, {outside} % without an order number.",
    )
    return Section("Buying as it was", measured, tuple(findings))


def _percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0


def _none(found: Sequence[object], text: str, action: str, *, stops: bool = False) -> list[Finding]:
    return [] if found else [Finding(text, action, stops)]


def _each(names: Sequence[str], text: str, action: str, *, stops: bool = False) -> list[Finding]:
    """Return one finding that names those concerned, none where there are none."""
    if not names:
        return []
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return [Finding(text.format(names=", ".join(names[:MOST_NAMED]) + more), action, stops)]
