"""The folder that the demo works in: made by it, recognised by a marker, and cleared only where marked."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from web.desk.refused import CommandError

MARKER = ".buydesk-demo"
README = "Made by `buydesk demo`. The next run in this folder removes what this one left.\n"
PARTS = ("data", "orders", "organisation", "mail-password")


@dataclass(frozen=True)
class Place:
    """A demo's folder; ``cleared`` says that an earlier run's data were removed."""

    folder: Path
    cleared: bool

    @property
    def home(self) -> Path:
        """Return where the database and the blobs are (BUYDESK_HOME)."""
        return self.folder / "data"

    @property
    def orders(self) -> Path:
        """Return where the orders' PDFs are put."""
        return self.folder / "orders"

    @property
    def organisation(self) -> Path:
        """Return where the sample organisation's folder is put."""
        return self.folder / "organisation"

    @property
    def password_file(self) -> Path:
        """Return the file that holds the desk's mail password."""
        return self.folder / "mail-password"


def prepare(folder: Path) -> Place:
    """Return ``folder``, empty of an earlier run; raises CommandError for a folder that the demo did not make."""
    folder = folder.absolute()
    marker = folder / MARKER
    if folder.exists() and not folder.is_dir():
        raise CommandError(f"{folder} is a file; the demo needs a folder of its own: --folder DIR")
    if folder.exists() and not marker.is_file() and any(folder.iterdir()):
        raise CommandError(f"{folder} was not made by the demo and is not touched. Name another: --folder DIR")
    removed = [part for part in PARTS if _remove(folder / part)]
    folder.mkdir(parents=True, exist_ok=True)
    marker.write_text(README, encoding="utf-8")
    place = Place(folder, cleared=bool(removed))
    for made in (place.home, place.orders, place.organisation):
        made.mkdir()
    return place


def _remove(path: Path) -> bool:
    if not path.exists() and not path.is_symlink():
        return False
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
    return True
