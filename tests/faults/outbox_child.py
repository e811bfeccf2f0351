"""A process that sends the outbox and may be killed; it forks itself for every run, so that a run is quick.

Each line on standard input is a JSON object: the database's URL, the blobs' folder, and at which
failpoint to die (0: at none). Each line of output is how the run ended: 0, or minus the signal.
"""

import json
import os
import sys
from functools import partial

import structlog

from dispatch.outbox import MOVES, SEND_LEASE
from dispatch.steps.send import send, settle_uncertain
from records.blobs import Blobs
from records.database import Database
from records.flow import Step
from records.tables import Outbound
from scheduler.runner import Runner


def send_due(url: str, folder: str) -> None:
    """Run what is due in the outbox at ``url`` once."""
    run = partial(send, blobs=Blobs(folder))
    states = ("queued", "deferred", "sending")
    steps = [Step(f"send:{state}", Outbound, state, run, SEND_LEASE) for state in states]
    settle = Step("settle_uncertain", Outbound, "handing_over", settle_uncertain)
    Runner(Database(url), [*steps, settle], {Outbound: MOVES}).run_due()


def serve() -> None:
    """Fork for every line that is read, and say how the fork ended."""
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            os.environ["BUYDESK_FAILPOINT_KILL"] = str(order["kill"])
            os.environ["BUYDESK_FAILPOINT_TRACE"] = order["trace"]
            send_due(order["url"], order["folder"])
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    serve()
