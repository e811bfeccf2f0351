"""What holds for the command line as a whole, and for the names that it stands on."""

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest

from buydesk.cli import app
from tests.buydesk.terminal import Terminal

OURS = {"buydesk", "scheduler", "web", "dispatch", "intake", "parsers", "procurement", "templates", "records"}
HEAVY = {"weasyprint", "sqlalchemy.engine", "pdfplumber", "openpyxl", "procrastinate", "apscheduler", "babel", "lxml"}
COMMAND = re.compile(r"(?:^|`|run )buydesk ([a-z]+(?: [a-z]+(?:-[a-z]+)*)?)", re.MULTILINE)


def test_help_is_quick_because_it_loads_nothing_heavy() -> None:
    script = "import sys; sys.argv = ['buydesk', '--help']\nfrom buydesk.cli import main\n"
    script += "try: main()\nexcept SystemExit as end: print(end.code, *sys.modules, sep='\\n', file=sys.stderr)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    code, *loaded = ran.stderr.split()
    assert (code, "procurement desk" in ran.stdout) == ("0", True)
    assert HEAVY & set(loaded) == set()


def test_every_command_explains_itself(terminal: Terminal) -> None:
    for name in [command.name for command in app.registered_commands]:
        assert name is not None
        assert terminal(name, "--help").code == 0
    for group in [group.name for group in app.registered_groups]:
        told = terminal(group, "--help")
        assert (told.code, "Commands" in told.out) == (0, True)


@pytest.mark.parametrize("words", [("unknown",), ("status", "--unknown"), ("exceptions", "show"), ("org", "load")])
def test_words_that_mean_nothing_end_with_2(terminal: Terminal, words: tuple[str, ...]) -> None:
    ran = terminal(*words)
    assert (ran.code, ran.out) == (2, "")
    assert "Traceback" not in ran.err


def test_no_dependency_ships_a_folder_of_our_names() -> None:
    for distribution in importlib.metadata.distributions():
        if distribution.metadata["Name"] == "buydesk":
            continue
        tops = {_top(file) for file in distribution.files or ()}
        assert OURS & tops == set(), distribution.metadata["Name"]


def _top(file: PurePosixPath) -> str:
    """Return what a file of a distribution makes importable at the top."""
    return file.parts[0].removesuffix(".py") if len(file.parts) > 1 or file.suffix == ".py" else ""


def test_the_documents_name_only_commands_that_there_are() -> None:
    root = Path(__file__).parents[2]
    known = {command.name for command in app.registered_commands} | {
        f"{group.name} {one.name}"
        for group in app.registered_groups
        for one in (group.typer_instance.registered_commands if group.typer_instance else ())
    }
    for document in (root / "README.md", *sorted((root / "docs").glob("*.md"))):
        named = COMMAND.findall(document.read_text("utf-8"))
        assert [words for words in named if words not in known and words.split()[0] not in known] == [], document.name
