"""Waiting for new mail by IDLE (RFC 2177): a hint that polling is worth its while, never the truth.

A line that says nothing may be dead: it is renewed before home routers and servers forget it, and
whatever looks like an end of the line leads to a new one.
"""

import logging
import random
import threading
import time
from collections.abc import Callable

from intake.imap_folder import FolderError
from intake.imap_line import Line
from intake.imap_server import BROKEN, Server
from intake.mailbox import Account
from intake.refusals import LoginRefusedError, ThrottledError
from intake.tokens import credential

RENEW_SECONDS = 9 * 60.0
LOOK_SECONDS = 2.0  # how soon ``stop`` is noticed
SHORTEST_PAUSE, LONGEST_PAUSE = 2.0, 300.0

log = logging.getLogger(__name__)


class LineDeadError(ConnectionError):
    """Raised where the server ended the line, or it ended without a word."""


def listen(
    account: Account, on_mail: Callable[[], None], stop: threading.Event, renew_seconds: float = RENEW_SECONDS
) -> None:
    """Call ``on_mail`` whenever the folder may hold something new, until ``stop`` is set.

    It is called once after every connection too, because of what came while there was none. Returns at
    once where the server lacks IDLE, and where it refuses the login: polling tells the operator.
    """
    pause = SHORTEST_PAUSE
    while not stop.is_set():
        try:
            with Line(account, credential(account.password, account.oauth, account.username)) as line:
                if "IDLE" not in line.server.capabilities:
                    return
                pause = SHORTEST_PAUSE
                _attend(line, on_mail, stop, renew_seconds)
        except LoginRefusedError:
            log.warning("%s: the login was refused, nobody listens for mail", account.address)
            return
        except ThrottledError as error:
            stop.wait(error.delay.total_seconds())
        except (*BROKEN, FolderError) as error:
            log.info("%s: the line broke: %s", account.address, error)
            stop.wait(random.uniform(pause / 2, pause))  # spread, so that not all mailboxes come back at once
            pause = min(pause * 2, LONGEST_PAUSE)


def _attend(line: Line, on_mail: Callable[[], None], stop: threading.Event, renew_seconds: float) -> None:
    server = line.folder.server
    on_mail()
    while not stop.is_set():
        if _idle_once(server, stop, renew_seconds):
            on_mail()


def _idle_once(server: Server, stop: threading.Event, renew_seconds: float) -> bool:
    """Return whether mail came in one IDLE of at most ``renew_seconds``; raises where the line is dead."""
    client = server.client
    server.command("idle", client.idle)
    end = time.monotonic() + renew_seconds
    news = False
    while not (news or stop.is_set()) and time.monotonic() < end:
        started = time.monotonic()
        responses = server.command("idle_check", client.idle_check, LOOK_SECONDS)
        if not responses and time.monotonic() - started < LOOK_SECONDS * 0.8:
            raise LineDeadError("the line is at its end")  # IMAPClient answers with nothing, for ever
        if any(response[0] == b"BYE" for response in responses):
            raise LineDeadError("the server said good-bye")
        news = any(_means_mail(response) for response in responses)
    _, said_at_last = server.command("done", client.idle_done)
    return news or any(_means_mail(response) for response in said_at_last)


def _means_mail(response: object) -> bool:
    return isinstance(response, tuple) and len(response) > 1 and response[1] in (b"EXISTS", b"RECENT")
