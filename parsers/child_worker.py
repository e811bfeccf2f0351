"""The worker process of ``parsers.child``: limits itself, then reads one document after the other."""

import ctypes
import json
import os
import resource
import sys
from datetime import date
from typing import Any, BinaryIO

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
    """Read documents from standard input until it ends."""
    source, sink = sys.stdin.buffer, _own_output()
    _limit()
    while line := source.readline():
        facts = json.loads(line)
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


def _own_output() -> BinaryIO:
    """Return standard output for answers alone; what libraries print goes nowhere."""
    own = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return os.fdopen(own, "wb")


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
