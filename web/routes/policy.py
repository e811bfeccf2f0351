"""The approval policy: the rules in force with their proof, and a new policy tried on past requests."""

from datetime import timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from procurement.folder_data import Fault, PolicyData
from procurement.folder_export import policy_text
from procurement.folder_policy import FILE, read_policy
from procurement.folder_toml import read_toml
from procurement.policy import rules_from_json
from procurement.policy_check import check
from procurement.policy_simulate import grouped, simulate
from procurement.steps.directory import directory_of
from procurement.steps.facts import policy_in_force
from procurement.steps.signing import past_of
from web.access import Here, Role, allowed
from web.desk.refused import CommandError
from web.pages import page

router = APIRouter(prefix="/o/{organisation}/policy")
Reader = Annotated[Here, Depends(allowed(Role.SUPERVISOR, Role.BUYER, Role.ADMINISTRATOR, Role.AUDITOR))]
LONGEST, MOST_SHOWN, DAYS = 200_000, 50, 90


@router.get("")
def show(request: Request, here: Reader) -> Response:
    """Show the policy in force and whether it is complete."""
    with here.place.database.read() as session:
        return page(request, "policy.html", **_shown(session, here))


@router.post("/try")
def try_out(request: Request, here: Reader, text: Annotated[str, Form()] = "") -> Response:
    """Check a policy and replay the requests of the last months under it; nothing is changed."""
    if not text.strip() or len(text) > LONGEST:
        raise CommandError("Paste a policy.toml, below 200,000 characters.")
    faults: list[Fault] = []
    root = read_toml(FILE, text.encode(), faults)
    tried = read_policy(root) if root else None
    with here.place.database.read() as session:
        values = _shown(session, here) | {"text": text, "faults": faults}
        if tried is not None and not faults:
            directory = directory_of(session, here.organisation_id)
            since = here.place.clock() - timedelta(days=DAYS)
            done = simulate(past_of(session, here.organisation_id, since), tried.rules, directory, directory)
            findings = check(tried.rules, directory)[:MOST_SHOWN]
            values |= {"tried": tried, "tried_findings": findings, "done": done, "groups": grouped(done.differences)}
    return page(request, "policy.html", status=422 if faults else 200, **values)


def _shown(session: Session, here: Here) -> dict[str, Any]:
    today = here.place.clock().astimezone(ZoneInfo(here.member.time_zone)).date()
    row = policy_in_force(session, here.organisation_id, today)
    values: dict[str, Any] = {"policy": row, "written": "", "findings": (), "text": "", "faults": [], "days": DAYS}
    if row is not None:
        rules = rules_from_json(row.rules)
        values["written"] = policy_text(PolicyData(row.version, row.valid_from, rules))
        values["findings"] = check(rules, directory_of(session, here.organisation_id))[:MOST_SHOWN]
    return values | {"tried": None, "tried_findings": (), "done": None, "groups": []}
