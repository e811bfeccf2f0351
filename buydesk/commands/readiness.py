"""The command ``readiness``: is an organisation fit to start, as a checklist to read, to process or to hand over."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from buydesk.commands.shared import (
    AsJson,
    OrganisationName,
    installation,
    organisation_named,
    print_json,
    visible,
)
from web.desk.refused import CommandError

if TYPE_CHECKING:
    from procurement.readiness import Section

SIGNS = {"ready": "ready", "to_do": "to do", "blocked": "BLOCKED"}


def readiness(
    organisation: OrganisationName = None,
    as_json: AsJson = False,
    html: Annotated[Path | None, typer.Option("--html", help="Write the report as a page.")] = None,
    pdf: Annotated[Path | None, typer.Option("--pdf", help="Write the report as a PDF.")] = None,
) -> None:
    """Say whether an organisation is fit to start, and what to do; exits with 1 where something stops orders."""
    from procurement.readiness import verdict
    from procurement.steps.readiness import measure
    from records.base import utc_now
    from templates.readiness_page import readiness_page

    with installation().database.read() as session:
        owner = organisation_named(session, organisation)
        today = utc_now().astimezone(ZoneInfo(owner.time_zone)).date()
        sections = measure(session, owner, today)
        name, slug, accent = owner.name, owner.slug, owner.accent
    if sections is None:
        raise CommandError(f"{slug} has no approval policy in force; load it whole first: buydesk org load DIR")
    page = readiness_page(name, today, accent, verdict(sections), sections) if html or pdf else ""
    if html:
        html.write_text(page, encoding="utf-8")
    if pdf:
        from dispatch.pdf import render_page

        pdf.write_bytes(render_page(page))
    if as_json:
        told = [asdict(section) | {"verdict": section.verdict} for section in sections]
        print_json({"organisation": slug, "on": today, "verdict": verdict(sections), "sections": told})
    else:
        _print(name, verdict(sections), sections)
    raise typer.Exit(1 if verdict(sections) == "blocked" else 0)


def _print(name: str, overall: str, sections: "tuple[Section, ...]") -> None:
    print(visible(f"{name}: {SIGNS[overall]}"))
    for section in sections:
        print(visible(f"\n[{SIGNS[section.verdict]}] {section.title}"))
        for fact in section.measured:
            print(visible(f"  {fact}"))
        for finding in section.findings:
            print(visible(f"  - {finding.text}\n    → {finding.action}"))
