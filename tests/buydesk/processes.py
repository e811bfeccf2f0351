"""Processes of Buydesk under test: who lives in a session, and waiting for what they bring about."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.buydesk.terminal import Terminal


def until(reached: Callable[[], object], seconds: float = 45) -> None:
    """Return when ``reached`` is true; fails after ``seconds``."""
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, f"not reached within {seconds} s"
        time.sleep(0.1)


def members(leader: int) -> dict[int, str]:
    """Return every living process of the session that ``leader`` began, with its command line."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (line := _command(entry, leader)):
            found[int(entry.name)] = line
    return found


def _command(entry: Path, leader: int) -> str:
    try:
        if os.getsid(int(entry.name)) != leader:
            return ""
        return (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()  # empty for a zombie
    except (ProcessLookupError, FileNotFoundError):
        return ""


def workers(leader: int) -> set[int]:
    """Return the worker processes beside the clock of ``buydesk up``."""
    return {pid for pid, line in members(leader).items() if "multiprocessing.spawn" in line}


@contextmanager
def running(terminal: Terminal, *words: str, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Give the process of ``buydesk WORDS``; it is killed at the end, and all that it started."""
    process = terminal.start(*words, log=log)
    try:
        yield process
    finally:
        for pid in members(process.pid):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        process.wait(10)


def stopped(process: "subprocess.Popen[bytes]") -> int:
    """Send SIGTERM and return the exit code."""
    process.terminate()
    return process.wait(40)
