"""Handing files over in a folder, exactly once, even to a receiver who takes them away at once.

The files are complete under ``.staging`` before a mark under ``.handed`` says that they are about to be
moved; one rename moves them. After a crash a mark without staged files means that they were moved.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from records.failpoint import hit


def hand_over_once(folder: Path, name: str, files: Mapping[str, bytes]) -> bool:
    """Let ``folder``/``name`` appear with all ``files`` at once; return False where it appeared before.

    Only one process may do so at a time (the lease of the row sees to that).
    """
    staged, mark, final = folder / ".staging" / name, folder / ".handed" / name, folder / name
    if mark.exists():
        return _move(staged, final)
    if staged.exists():
        shutil.rmtree(staged)
    staged.mkdir(parents=True)
    mark.parent.mkdir(parents=True, exist_ok=True)
    for file, data in files.items():
        _write(staged / file, data)
    _sync(staged)
    hit("hand_over:staged")
    _write(mark, b"")
    _sync(mark.parent)
    hit("hand_over:marked")
    return _move(staged, final)


def _move(staged: Path, final: Path) -> bool:
    if not staged.exists():
        return False
    staged.rename(final)
    _sync(final.parent)
    hit("hand_over:moved")
    return True


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
