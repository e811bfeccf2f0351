"""The example of docs/organisation-folder.md as files, and ways to change it."""

import re
from pathlib import Path

from procurement.folder_data import OrganisationData
from procurement.organisation_folder import read_folder

DOCUMENT = Path(__file__).parents[2] / "docs" / "organisation-folder.md"
_FILE = re.compile(r"```\w+ file=(\S+)\n(.*?)```", re.DOTALL)


def files() -> dict[str, bytes]:
    """Return the files of the example by name."""
    return {name: text.encode() for name, text in _FILE.findall(DOCUMENT.read_text(encoding="utf-8"))}


def with_change(file: str, old: str, new: str) -> dict[str, bytes]:
    """Return the files with one text (which stands in ``file`` once) replaced."""
    changed = files()
    assert changed[file].count(old.encode()) == 1, (file, old)
    return changed | {file: changed[file].replace(old.encode(), new.encode())}


def read(changed: dict[str, bytes] | None = None) -> OrganisationData:
    """Return what the files say; they must have no fault."""
    data, faults = read_folder(files() if changed is None else changed)
    assert data is not None, list(map(str, faults))
    return data
