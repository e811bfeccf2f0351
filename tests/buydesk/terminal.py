"""Buydesk as its users see it: commands, their exit codes, and what they print."""

import io
import json
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from buydesk.cli import main

START = [sys.executable, "-c", "from buydesk.cli import main; main()"]


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, read as JSON."""
        return json.loads(self.out)

    @property
    def sentence(self) -> str:
        """The one sentence of a refusal, which ends with exit code 2 and prints nothing else."""
        assert (self.code, self.out) == (2, ""), self
        assert self.err.startswith("buydesk: ") and "Traceback" not in self.err, self.err
        return self.err.removeprefix("buydesk: ").strip()


@dataclass
class Terminal:
    """A shell in the folder ``folder`` with its environment; call it with a command's words."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch

    def set(self, **environment: str) -> None:
        """Set variables of the environment."""
        for name, value in environment.items():
            self.monkeypatch.setenv(name, value)

    def __call__(self, *words: object) -> Ran:
        """Run ``buydesk WORDS`` in this process."""
        out, err = io.StringIO(), io.StringIO()
        self.monkeypatch.setattr(sys, "argv", ["buydesk", *map(str, words)])
        with redirect_stdout(out), redirect_stderr(err):
            try:
                main()
                code = 0
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 0
        return Ran(code, out.getvalue(), err.getvalue())

    def start(self, *words: object, log: Path) -> "subprocess.Popen[bytes]":
        """Start ``buydesk WORDS`` as a process whose output goes to ``log``."""
        with log.open("ab") as file:
            return subprocess.Popen(
                [*START, *map(str, words)], stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True
            )
