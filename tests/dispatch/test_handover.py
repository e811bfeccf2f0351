"""A package is handed over exactly once, wherever the process dies and whenever the receiver takes it away."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dispatch.handover import hand_over_once

FILES = {"invoice.json": b"{}", "cover.html": b"<html>"}
POINTS = ("hand_over:staged", "hand_over:marked", "hand_over:moved")
PROGRAM = "from pathlib import Path; from tests.dispatch.test_handover import FILES; import sys; "
PROGRAM += "from dispatch.handover import hand_over_once; hand_over_once(Path(sys.argv[1]), 'K-1', FILES)"


def taken(folder: Path) -> int:
    """Take away what was handed over, as accounts payable does, and return how many packages there were."""
    found = [one for one in folder.iterdir() if not one.name.startswith(".")] if folder.exists() else []
    for one in found:
        assert {file.name: file.read_bytes() for file in one.iterdir()} == FILES
        shutil.rmtree(one)
    return len(found)


def test_all_files_appear_at_once_and_once(tmp_path: Path) -> None:
    assert hand_over_once(tmp_path, "K-1", FILES)
    assert taken(tmp_path) == 1
    assert not hand_over_once(tmp_path, "K-1", FILES)
    assert taken(tmp_path) == 0


@pytest.mark.parametrize("point", POINTS)
def test_killed_anywhere_it_arrives_once(tmp_path: Path, point: str) -> None:
    environment = {**os.environ, "BUYDESK_FAILPOINT": f"{point}=kill", "PYTHONPATH": str(Path.cwd())}
    killed = subprocess.run([sys.executable, "-c", PROGRAM, str(tmp_path)], env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    before = taken(tmp_path)  # the receiver may be quicker than the one that comes back
    hand_over_once(tmp_path, "K-1", FILES)
    hand_over_once(tmp_path, "K-1", FILES)
    assert before + taken(tmp_path) == 1


def test_files_half_written_are_written_anew(tmp_path: Path) -> None:
    staged = tmp_path / ".staging" / "K-1"
    staged.mkdir(parents=True)
    (staged / "half.json").write_bytes(b"{")
    assert hand_over_once(tmp_path, "K-1", FILES)
    assert taken(tmp_path) == 1
