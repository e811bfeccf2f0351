"""Reading in a child process with limits: what dies there hurts only its own document.

The worker process is kept between documents and replaced when it dies, hangs or has read its share, from a process
that has all libraries loaded. It speaks over a socket: a line of JSON and the bytes in, eight bytes of length and the
Reading as JSON out.
"""

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parsers.bytes_check import refusal
from parsers.hints import Lesson, Lessons
from parsers.learn import Learned
from parsers.reading import Reading
from records.problems import Code, Problem

if TYPE_CHECKING:
    from parsers.explain import Explained

WALL_SECONDS = 90.0
START_SECONDS = 60.0
DOCUMENTS_PER_WORKER = 200
_LENGTH = 8


class _DiedError(RuntimeError):
    """The worker is gone; the message says how."""


@dataclass
class _Worker:
    """A process that reads documents, and how many it has read."""

    process_id: int
    line: socket.socket
    documents: int = 0

    def ask(self, header: bytes, data: bytes) -> bytes:
        """Return the worker's answer; raises _DiedError when it dies or takes too long."""
        deadline = time.monotonic() + WALL_SECONDS
        try:
            self.line.sendall(header + b"\n" + data)
        except OSError:
            raise _DiedError("died before it had read the document") from None
        size = int.from_bytes(_receive(self.line, _LENGTH, deadline), "big")
        answer = _receive(self.line, size, deadline)
        self.documents += 1
        return answer

    def stop(self) -> None:
        """End the process."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process_id, signal.SIGKILL)
        self.line.close()


@dataclass
class _Nursery:
    """The process that starts workers as copies of itself, for starting one anew takes longer than most documents."""

    process: subprocess.Popen[bytes]
    line: socket.socket

    @classmethod
    def start(cls) -> "_Nursery":
        root = str(Path(__file__).resolve().parent.parent)
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "parsers.child_worker"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                process_group=0,  # Ctrl-C at a terminal ends who asked, not the document that is being read
                env={**_bare_environment(), "PYTHONPATH": path},
            )
        return cls(process, ours)

    def worker(self) -> _Worker:
        """Return a new worker; raises ChildProcessError where none can be started any more."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self.line, [b"."], [theirs.fileno()])
            return _Worker(int.from_bytes(_receive(ours, _LENGTH, time.monotonic() + START_SECONDS), "big"), ours)
        except (OSError, _DiedError):
            ours.close()
            raise ChildProcessError("No process for reading could be started.") from None

    def stop(self) -> None:
        """End the process; its workers end by themselves."""
        self.line.close()
        self.process.kill()
        self.process.wait()


def _bare_environment() -> dict[str, str]:
    """Return the environment without secrets: only what a program needs to run."""
    kept = (
        "PATH",
        "HOME",
        "LANG",
        "LC_ALL",
        "LD_LIBRARY_PATH",
        "TESSDATA_PREFIX",
        "VIRTUAL_ENV",
        "TMPDIR",
        "SYSTEMROOT",
    )
    return {name: os.environ[name] for name in kept if name in os.environ} | {"OMP_THREAD_LIMIT": "1"}


def _receive(line: socket.socket, size: int, deadline: float) -> bytes:
    parts: list[bytes] = []
    missing = size
    while missing:
        ready, _, _ = select.select([line], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise _DiedError(f"took longer than {WALL_SECONDS:.0f} seconds")
        try:
            part = line.recv(min(missing, 1 << 20))
        except ConnectionResetError:
            part = b""
        if not part:
            raise _DiedError("died while it read the document")
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


_lock = threading.Lock()
_nursery: _Nursery | None = None
_worker: _Worker | None = None


def read_in_child(
    data: bytes,
    name: str | None = None,
    media_type: str | None = None,
    today: date | None = None,
    lessons: Lessons | None = None,
) -> Reading:
    """Return what ``read_document`` returns, read in the child process; never raises for any bytes.

    Documents of one process are read one after the other. A document that kills the worker, needs more
    memory or time than it may, gives a Reading of kind other with POISON.
    """
    problem = refusal(data)
    if problem:
        return Reading(problems=(problem,))
    facts = _facts(data, name, media_type, lessons) | {"today": today.isoformat() if today else None}
    try:
        return Reading.from_dict(json.loads(_ask(json.dumps(facts).encode(), data)))
    except _DiedError as error:
        return Reading(problems=(_poison(error),))


def explain_in_child(
    data: bytes, name: str | None, media_type: str | None, evidence: Mapping[str, Any] | None = None
) -> "Explained":
    """Return what ``parsers.explain.explain_document`` returns, read and drawn in the child process.

    ``evidence`` is that of an earlier Reading, in its JSON form.
    """
    from parsers.explain import Explained

    problem = refusal(data)
    if problem:
        return Explained(Reading(problems=(problem,)))
    facts = _facts(data, name, media_type, None) | {"explain": dict(evidence) if evidence is not None else None}
    try:
        return Explained.from_dict(json.loads(_ask(json.dumps(facts).encode(), data)))
    except _DiedError as error:
        return Explained(Reading(problems=(_poison(error),)))


def _poison(error: _DiedError) -> Problem:
    return Problem(Code.POISON, f"The reading process {error}: the document is broken or made to do harm.")


def learn_in_child(
    data: bytes,
    name: str | None,
    media_type: str | None,
    corrections: Mapping[str, Any],
    lessons: Lessons | None = None,
) -> Learned:
    """Return what ``parsers.learn.learn`` returns, found in the child process; what dies there teaches nothing."""
    if refusal(data):
        return Learned()
    return _learned(_facts(data, name, media_type, lessons) | {"corrections": dict(corrections)}, data)


def prove_in_child(
    data: bytes, name: str | None, media_type: str | None, told: Sequence[Lesson], lessons: Lessons | None = None
) -> Learned:
    """Return what ``parsers.learn.prove`` returns, found in the child process."""
    if refusal(data):
        return Learned()
    return _learned(_facts(data, name, media_type, lessons) | {"told": [asdict(lesson) for lesson in told]}, data)


def _learned(facts: dict[str, Any], data: bytes) -> Learned:
    try:
        return Learned.from_dict(json.loads(_ask(json.dumps(facts).encode(), data)))
    except _DiedError:
        return Learned()


def _facts(data: bytes, name: str | None, media_type: str | None, lessons: Lessons | None) -> dict[str, Any]:
    told = {layout: hints.as_dict() for layout, hints in (lessons or {}).items()}
    return {"size": len(data), "name": name, "media_type": media_type, "lessons": told}


def _ask(header: bytes, data: bytes) -> bytes:
    global _worker
    with _lock:
        worker = _worker or _new_worker()
        _worker = None
        try:
            answer = worker.ask(header, data)
        except _DiedError:
            worker.stop()
            raise
        if worker.documents >= DOCUMENTS_PER_WORKER:
            worker.stop()
        else:
            _worker = worker
        return answer


def _new_worker() -> _Worker:
    """Return a worker from the nursery, which is itself replaced where it is gone."""
    global _nursery
    if _nursery is not None:
        with contextlib.suppress(ChildProcessError):
            return _nursery.worker()
        _nursery.stop()
    _nursery = _Nursery.start()
    return _nursery.worker()


@atexit.register
def stop_worker() -> None:
    """End the kept processes, if there are any."""
    global _nursery, _worker
    with _lock:
        if _worker is not None:
            _worker.stop()
        if _nursery is not None:
            _nursery.stop()
        _nursery = _worker = None


def _forget_worker() -> None:
    """Leave the processes to the parent process after a fork."""
    global _nursery, _worker, _lock
    _nursery, _worker, _lock = None, None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_worker)
