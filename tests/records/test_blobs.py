"""Blobs: a name that exists is complete; what is torn, damaged or misnamed is never given out."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from records.blobs import BlobMissingError, Blobs

DATA = b"raw mail\r\n" * 1000


def files(blobs: Blobs) -> list[Path]:
    return [path for path in Path(blobs.root).rglob("*") if path.is_file()]


def test_bytes_come_back_under_the_name_of_their_hash(blobs: Blobs) -> None:
    name = blobs.put(b"abc")
    assert name == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert blobs.get(name) == b"abc"
    assert blobs.get(blobs.put(b"")) == b""


def test_the_same_bytes_are_kept_once(blobs: Blobs) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(blobs.put, [DATA] * 8))) == 1
    assert len(files(blobs)) == 1


def test_what_is_not_there_is_missing(blobs: Blobs) -> None:
    with pytest.raises(BlobMissingError, match="is missing"):
        blobs.get("0" * 64)


@pytest.mark.parametrize("name", ["", "../../../etc/passwd", "A" * 64, "0" * 63, "/" * 64, "0" * 63 + "\n"])
def test_only_a_hash_is_a_name(blobs: Blobs, name: str) -> None:
    with pytest.raises(BlobMissingError, match="not the name"):
        blobs.get(name)


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: b"X" + data[1:], lambda data: b""])
def test_damage_is_found_and_putting_the_bytes_again_mends_it(blobs: Blobs, damage) -> None:  # type: ignore[no-untyped-def]
    name = blobs.put(DATA)
    (path,) = files(blobs)
    path.write_bytes(damage(DATA))
    with pytest.raises(BlobMissingError, match="is damaged"):
        blobs.get(name)
    assert blobs.put(DATA) == name
    assert blobs.get(name) == DATA


@pytest.mark.parametrize("place", ["blob:write", "blob:rename"])
def test_a_process_that_dies_while_writing_leaves_nothing_under_the_name(blobs: Blobs, place: str) -> None:
    program = f"from records.blobs import Blobs; Blobs({blobs.root!r}).put({DATA!r})"
    run = [sys.executable, "-c", program]
    died = subprocess.run(run, env={**os.environ, "BUYDESK_FAILPOINT": f"{place}=kill"}, cwd=Path(__file__).parents[2])
    assert died.returncode == -9
    name = Blobs(blobs.root + "-elsewhere").put(DATA)
    with pytest.raises(BlobMissingError):
        blobs.get(name)
    assert blobs.put(DATA) == name
    assert blobs.get(name) == DATA


def test_blobs_may_live_on_any_fsspec_file_system(tmp_path: Path) -> None:
    blobs = Blobs(f"file://{tmp_path}/far")
    name = blobs.put(DATA)
    assert blobs.get(name) == DATA
    assert blobs.put(DATA) == name
    with pytest.raises(BlobMissingError, match="is missing"):
        blobs.get("0" * 64)
    (path,) = (path for path in tmp_path.rglob("*") if path.is_file())
    path.write_bytes(DATA[:100])
    with pytest.raises(BlobMissingError, match="is damaged"):
        blobs.get(name)
    assert blobs.get(blobs.put(DATA)) == DATA
