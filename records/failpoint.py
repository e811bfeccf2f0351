"""Places where a test may let the process fail: at every commit, blob write, IMAP and SMTP command.

Controlled by environment variables only, so that a killed child can be told apart from its parent:
``BUYDESK_FAILPOINT_TRACE=FILE`` appends the name of every hit; ``BUYDESK_FAILPOINT_KILL=N`` kills the
process with SIGKILL at the N-th hit (from 1); ``BUYDESK_FAILPOINT=NAME=raise|kill|sleep:SECONDS`` acts
at a name. Without them a hit costs one look-up.
"""

import os
import signal
import time
from pathlib import Path

_ACTIVE = any(name.startswith("BUYDESK_FAILPOINT") for name in os.environ)
_hits = 0


class FailpointError(RuntimeError):
    """Raised by a failpoint that was told to raise."""


def hit(name: str) -> None:
    """Mark that the process passes ``name``; does nothing unless the environment asks for it."""
    if _ACTIVE:
        _act(name)


def _act(name: str) -> None:
    global _hits
    _hits += 1
    if trace := os.environ.get("BUYDESK_FAILPOINT_TRACE"):
        with Path(trace).open("a") as file:
            file.write(name + "\n")
    if os.environ.get("BUYDESK_FAILPOINT_KILL") == str(_hits):
        _die()
    wanted, _, action = os.environ.get("BUYDESK_FAILPOINT", "").partition("=")
    if wanted != name:
        return
    if action == "kill":
        _die()
    if action == "raise":
        raise FailpointError(name)
    if action.startswith("sleep:"):
        time.sleep(float(action.removeprefix("sleep:")))


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
