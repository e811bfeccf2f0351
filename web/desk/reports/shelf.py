"""All reports by name, in the order in which they are offered."""

from web.desk.refused import CommandError
from web.desk.reports import approvals, exceptions, flow, service, suppliers
from web.desk.reports.figures import Make
from web.desk.reports.maverick import DIMENSIONS as BUYERS
from web.desk.reports.maverick import maverick_by
from web.desk.reports.spend import DIMENSIONS, spend_by

REPORTS: dict[str, Make] = {
    "volumes": flow.volumes,
    "touchless": flow.touchless,
    "cycle-times": flow.cycle_times,
    "service-levels": service.service_levels,
    "exceptions": exceptions.by_reason,
    "exception-senders": exceptions.by_sender,
    "acknowledgement": suppliers.acknowledgement,
    **{f"spend-{dimension.replace('_', '-')}": spend_by(dimension) for dimension in DIMENSIONS},
    **{f"maverick-{dimension.replace('_', '-')}": maverick_by(dimension) for dimension in BUYERS},
    "approvals": approvals.by_person,
}


def report_named(name: str) -> Make:
    """Return the maker of the report ``name``."""
    if name not in REPORTS:
        raise CommandError(f"There is no report {name}; there are {', '.join(REPORTS)}.")
    return REPORTS[name]
