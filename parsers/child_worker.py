"""The reading processes of ``parsers.child``.

One process loads what reading needs and starts the others as copies of itself, so that one that died is replaced in
a few milliseconds. A copy limits itself, then reads one document after the other; the first reads none.
"""

import ctypes
import json
import os
import resource
import signal
import socket
import sys
from datetime import date
from typing import Any, BinaryIO

from parsers.child_warm import warm_up
from parsers.document import read_document
from parsers.explain import Explained, explain_document
from parsers.hints import Hints, Lesson
from parsers.learn import Learned, learn, prove
from parsers.reading import Reading, evidence_from
from records.problems import Code, Problem

ADDRESS_SPACE = 1 << 30
CPU_SECONDS = 20
LARGEST_FILE = 64 << 20
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000


def main() -> None:
    """Start a reader for each socket that comes in over standard input, until that ends."""
    own = socket.socket(fileno=os.dup(0))
    _hush()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    warm = False
    while descriptor := _received(own):
        if os.fork() == 0:
            own.close()
            _serve(descriptor)
            os._exit(0)
        os.close(descriptor)
        if not warm:
            warm = True
            warm_up()


def _received(own: socket.socket) -> int | None:
    """Return the socket that a new reader is to use, None when there will be none."""
    _, descriptors, _, _ = socket.recv_fds(own, 1, 1)
    return descriptors[0] if descriptors else None


def _serve(descriptor: int) -> None:
    """Read documents from a socket until it ends; the first eight bytes sent tell who reads."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.set_inheritable(descriptor, False)
    _limit()
    with socket.socket(fileno=descriptor) as line, line.makefile("rb") as source, line.makefile("wb") as sink:
        sink.write(os.getpid().to_bytes(8, "big"))
        sink.flush()
        while head := source.readline():
            facts = json.loads(head)
            data = source.read(facts["size"])
            _allow_cpu_time()
            _answer(sink, _read(data, facts))


def _read(data: bytes, facts: dict[str, Any]) -> Reading | Learned | Explained:
    """Return the Reading of a document, how it was read, or what can be learned from it."""
    lessons = {layout: Hints.from_dict(hints) for layout, hints in facts["lessons"].items()}
    source = data, facts["name"], facts["media_type"]
    learning = "told" in facts or "corrections" in facts
    try:
        if "told" in facts:
            return prove(*source, [Lesson(**lesson) for lesson in facts["told"]], lessons)
        if learning:
            return learn(*source, facts["corrections"], lessons)
        if "explain" in facts:
            return explain_document(*source, evidence=evidence_from(facts["explain"]))
        today = date.fromisoformat(facts["today"]) if facts["today"] else None
        return read_document(*source, today, lessons)
    except MemoryError:
        if learning:
            return Learned()
        poison = Reading(problems=(Problem(Code.POISON, "The document needs more memory than it may have."),))
        return Explained(poison) if "explain" in facts else poison


def _answer(sink: BinaryIO, found: Reading | Learned | Explained) -> None:
    answer = json.dumps(found.as_dict()).encode()
    sink.write(len(answer).to_bytes(8, "big") + answer)
    sink.flush()


def _hush() -> None:
    """Let what libraries read or print come from and go nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _leave_network()
    sys.addaudithook(_refuse_network)


def _allow_cpu_time() -> None:
    """Allow the next document its seconds on top of what was used so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + CPU_SECONDS + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (limit if hard < 0 else min(limit, hard), hard))


def _leave_network() -> None:
    """Move into a network of its own, without any device, where the system lets us."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).unshare(_NEW_USER | _NEW_NETWORK)


def _refuse_network(event: str, _: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo"):
        raise PermissionError("Reading documents needs no network.")


if __name__ == "__main__":
    main()
