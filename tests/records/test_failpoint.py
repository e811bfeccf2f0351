"""Failpoints: silent unless asked, and standing at every place where a process may die at the worst time."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = "from records.failpoint import hit\nfor name in ('one', 'two', 'three'): hit(name); print(name)"


def run(**environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BUYDESK_FAILPOINT")}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=clean | environment, capture_output=True, text=True
    )


def test_nothing_happens_unless_the_environment_asks() -> None:
    done = run()
    assert (done.returncode, done.stdout.split()) == (0, ["one", "two", "three"])


def test_every_hit_is_traced(tmp_path: Path) -> None:
    run(BUYDESK_FAILPOINT_TRACE=str(tmp_path / "trace"))
    assert (tmp_path / "trace").read_text().split() == ["one", "two", "three"]


@pytest.mark.parametrize("kill, left", [(1, []), (2, ["one"]), (3, ["one", "two"]), (4, ["one", "two", "three"])])
def test_the_nth_hit_kills(kill: int, left: list[str], tmp_path: Path) -> None:
    done = run(BUYDESK_FAILPOINT_KILL=str(kill), PYTHONUNBUFFERED="1")
    assert done.stdout.split() == left
    assert done.returncode == (-9 if kill < 4 else 0)


def test_a_name_raises_kills_or_sleeps() -> None:
    raised = run(BUYDESK_FAILPOINT="two=raise")
    assert raised.returncode == 1
    assert "FailpointError: two" in raised.stderr
    assert run(BUYDESK_FAILPOINT="two=kill").returncode == -9
    assert run(BUYDESK_FAILPOINT="two=sleep:0.01").returncode == 0


def calls(path: Path) -> list[tuple[str, str]]:
    """Return (receiver, method) of every call of a method in ``path``."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found.append((ast.unparse(node.func.value), node.func.attr))
    return found


def product_files() -> list[Path]:
    folders = ("buydesk", "scheduler", "web", "dispatch", "intake", "parsers", "procurement", "templates", "records")
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return [path for path in found if "demo" not in path.parts]  # the demo plays the world outside


@pytest.mark.parametrize("library, module", [("smtplib", "dispatch"), ("imapclient", "intake")])
def test_mail_servers_are_spoken_to_in_one_place_only(library: str, module: str) -> None:
    """Whoever imports the library is the wrapper whose commands pass failpoints."""
    importers = {
        str(path.relative_to(ROOT))
        for path in product_files()
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Import) and any(alias.name == library for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module == library)
    }
    assert importers
    assert all(name.startswith(f"{module}/") for name in importers), importers


def test_no_imap_or_smtp_command_goes_past_the_failpoints() -> None:
    """A method of ``client`` is called nowhere: it is handed to ``command``, which hits before and after."""
    allowed = {"has_capability", "has_extn", "close", "shutdown", "send", "getreply", "Error"}
    past = {
        (path.name, method)
        for path in product_files()
        if path.parent.name in ("dispatch", "intake", "steps")
        for receiver, method in calls(path)
        if receiver.endswith("client") and receiver != "http.client" and method not in allowed
    }
    assert past <= {("smtp.py", "starttls")}, past  # within a lambda that ``command`` calls
