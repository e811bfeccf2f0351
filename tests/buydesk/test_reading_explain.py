"""``parse --explain``: pages that show how files were read."""

import io

from PIL import Image

from tests.buydesk.terminal import Terminal
from tests.buydesk.test_reading import letter, sheet


def test_one_page_for_people_shows_all_files(terminal: Terminal) -> None:
    files = letter(terminal.folder, "Please order 3 boxes of gloves (G-1)."), sheet(terminal.folder)
    ran = terminal("parse", *files, "--explain", terminal.folder / "how.html")
    assert ran.code == 0
    page = (terminal.folder / "how.html").read_text()
    assert "letter.eml" in page and "request.csv" in page and "data:image/png" in page


def test_a_picture_of_the_page_is_written(terminal: Terminal) -> None:
    assert terminal("parse", sheet(terminal.folder), "--explain", terminal.folder / "new" / "how.png").code == 0
    assert Image.open(io.BytesIO((terminal.folder / "new" / "how.png").read_bytes())).format == "PNG"


def test_a_folder_gets_a_page_and_pictures_for_every_file_of_a_folder(terminal: Terminal) -> None:
    inbox = terminal.folder / "inbox"
    inbox.mkdir()
    letter(inbox, "Please order 3 boxes of gloves (G-1).", "../inbox/a b.eml")
    sheet(inbox)
    assert terminal("parse", "--jsonl", inbox, "--explain", terminal.folder / "out").code == 0
    names = sorted(path.name for path in (terminal.folder / "out").iterdir())
    assert names == ["001-a_b.eml.html", "001-a_b.eml.png", "002-request.csv.html", "002-request.csv.png"]


def test_what_cannot_be_opened_or_written_says_so(terminal: Terminal) -> None:
    missing = terminal("parse", terminal.folder / "no.csv", "--explain", terminal.folder / "how.html")
    assert missing.code == 2 and "could not be opened" in missing.err
    file = sheet(terminal.folder)
    refused = terminal("parse", file, "--explain", file / "how.html")
    assert refused.code == 2 and "cannot be written" in refused.err


def test_no_progress_is_told_into_pipes(terminal: Terminal) -> None:
    files = [letter(terminal.folder, "Please order 3 boxes of gloves.", f"{n}.eml") for n in range(5)]
    assert terminal("parse", "--jsonl", *files).err == ""
