import io
import os
import signal
import zlib
from datetime import date

import pytest

import parsers.child as child
from parsers.child import read_in_child, stop_worker
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
    assert first.process.poll() is not None


def test_a_document_that_kills_the_worker_hurts_only_itself() -> None:
    reading = read_in_child(bomb(), "a.pdf")
    assert [p.code for p in reading.problems] in ([Code.POISON], [Code.UNREADABLE])
    assert read_in_child(CSV, "a.csv").lines


def test_a_worker_killed_from_outside_is_replaced() -> None:
    read_in_child(CSV, "a.csv")
    assert child._worker is not None
    os.kill(child._worker.process.pid, signal.SIGKILL)
    child._worker.process.wait()
    assert [p.code for p in read_in_child(CSV, "a.csv").problems] == [Code.POISON]
    assert read_in_child(CSV, "a.csv").lines


def test_a_worker_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "WALL_SECONDS", 0.0)
    stop_worker()
    assert [p.code for p in read_in_child(CSV, "a.csv").problems] == [Code.POISON]
    assert child._worker is None


def test_the_worker_gets_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUYDESK_SECRET", "hunter2")
    assert "BUYDESK_SECRET" not in child._bare_environment()
