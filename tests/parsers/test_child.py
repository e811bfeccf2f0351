import io
import os
import signal
import subprocess
import sys
import time
import zlib
from datetime import date

import pytest

import parsers.child as child
from parsers.child import read_in_child, stop_worker
from parsers.child_warm import sample
from parsers.document import read_document
from records.problems import Code

CSV = b"Purchase requisition\nDescription;Qty;Needed by\nPens;10;tomorrow\nInk;2;tomorrow\n"


def bomb() -> bytes:
    content = zlib.compress(b" " * (600 << 20), 9)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>",
        b"<</Length %d/Filter/FlateDecode>>\nstream\n" % len(content) + content + b"\nendstream",
    ]
    out = io.BytesIO(b"%PDF-1.7\n")
    out.seek(0, io.SEEK_END)
    for number, thing in enumerate(objects, 1):
        out.write(b"%d 0 obj\n" % number + thing + b"\nendobj\n")
    out.write(b"trailer<</Size 5/Root 1 0 R>>\n%%EOF")
    return out.getvalue()


def is_gone(process_id: int) -> bool:
    """Return whether a process is no more, after giving it ten seconds to end."""
    for _ in range(200):
        try:
            os.kill(process_id, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_the_child_reads_what_the_parent_would() -> None:
    assert read_in_child(CSV, "a.csv") == read_document(CSV, "a.csv")


def test_the_day_reaches_the_child() -> None:
    reading = read_in_child(CSV, "a.csv", None, date(2026, 11, 10))
    assert str(reading.lines[0].needed_by) == "2026-11-11"


def test_the_worker_is_kept_between_documents_and_replaced_after_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    stop_worker()
    monkeypatch.setattr(child, "DOCUMENTS_PER_WORKER", 2)
    read_in_child(CSV, "a.csv")
    first = child._worker
    assert first is not None
    read_in_child(CSV, "a.csv")
    assert child._worker is None
    assert is_gone(first.process_id)


def test_a_document_that_kills_the_worker_hurts_only_itself() -> None:
    reading = read_in_child(bomb(), "a.pdf")
    assert [p.code for p in reading.problems] in ([Code.POISON], [Code.UNREADABLE])
    assert read_in_child(CSV, "a.csv").lines


def test_a_worker_killed_from_outside_is_replaced() -> None:
    read_in_child(CSV, "a.csv")
    assert child._worker is not None
    os.kill(child._worker.process_id, signal.SIGKILL)
    assert is_gone(child._worker.process_id)
    assert [p.code for p in read_in_child(CSV, "a.csv").problems] == [Code.POISON]
    assert read_in_child(CSV, "a.csv").lines


def test_a_worker_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "WALL_SECONDS", 0.0)
    stop_worker()
    assert [p.code for p in read_in_child(CSV, "a.csv").problems] == [Code.POISON]
    assert child._worker is None


def test_where_workers_come_from_is_replaced_too() -> None:
    read_in_child(CSV, "a.csv")
    assert child._nursery is not None and child._worker is not None
    for process_id in (child._nursery.process.pid, child._worker.process_id):
        os.kill(process_id, signal.SIGKILL)
    child._nursery.process.wait()
    assert [p.code for p in read_in_child(CSV, "a.csv").problems] == [Code.POISON]
    assert read_in_child(CSV, "a.csv").lines


def test_ended_workers_leave_no_process() -> None:
    read_in_child(CSV, "a.csv")
    assert child._nursery is not None and child._worker is not None
    known = child._nursery.process.pid, child._worker.process_id
    stop_worker()
    assert all(map(is_gone, known))


def test_a_worker_whose_parent_died_ends() -> None:
    program = (
        "from parsers import child as c; import os; c.read_in_child(b'a;b'); print(c._worker.process_id); os._exit(1)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert is_gone(int(done.stdout))


def test_what_workers_are_warmed_up_with_is_read_whole() -> None:
    reading = read_document(sample(), "sample.pdf")
    assert reading.accepted and len(reading.lines) == 2


def test_the_worker_gets_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUYDESK_SECRET", "hunter2")
    assert "BUYDESK_SECRET" not in child._bare_environment()
