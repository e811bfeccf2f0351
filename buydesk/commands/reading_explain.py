"""``parse --explain``: pictures and a page for people that show how files were read."""

import re
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from buydesk.commands.reading import bytes_of
from web.desk.refused import CommandError

if TYPE_CHECKING:
    from parsers.explain_html import Section
    from parsers.reading import Reading

_UNSAFE = re.compile(r"[^\w.-]+")


def explained(files: Sequence[Path], out: Path) -> Generator[tuple["Reading", bool], None, None]:
    """Yield the Reading of each file and whether it could be opened, and write how each was read to ``out``.

    ``out`` is one HTML page, one PNG (further pages get a number), or a folder that gets both for every file.
    """
    from parsers.child import explain_in_child
    from parsers.explain_file import explain_file

    sections: list[Section] = []
    try:
        for number, path in enumerate(files, 1):
            data, reading = bytes_of(path)
            if data is None:
                yield reading, False
                continue
            reading, found = explain_file(data, path.name, explain_in_child)
            if out.suffix.lower() not in (".html", ".png"):
                _write_folder(out, f"{number:03d}-{path.name}" if len(files) > 1 else path.name, found)
            sections.extend(found)
            yield reading.with_(source=str(path)), True
    finally:  # also where nobody takes what is printed any more
        _write_whole(files, sections, out)


def _write_whole(files: Sequence[Path], sections: Sequence["Section"], out: Path) -> None:
    """Write the one page, or the pictures, of all files; nothing where ``out`` is a folder."""
    if out.suffix.lower() == ".html":
        _write(out, _html(files, sections).encode())
    elif out.suffix.lower() == ".png":
        _write_pictures(out.with_suffix(""), sections)


def _html(files: Sequence[Path], sections: Sequence["Section"]) -> str:
    from parsers.explain_html import html_page

    title = files[0].name if len(files) == 1 else f"{len(files)} files"
    return html_page(f"How {title} was read", sections)


def _write_folder(folder: Path, name: str, sections: Sequence["Section"]) -> None:
    safe = _UNSAFE.sub("_", name).lstrip(".") or "file"
    _write(folder / f"{safe}.html", _html([Path(name)], sections).encode())
    _write_pictures(folder / safe, sections)


def _write_pictures(stem: Path, sections: Iterable["Section"]) -> None:
    """Write a PNG for every page: STEM.png, STEM-2.png, ..."""
    from parsers.explain_picture import marked_png

    pages = [page for section in sections for page in section.explained.pages]
    for number, page in enumerate(pages, 1):
        marks = [(mark.label, mark.kind, mark.box) for mark in page.marks]
        name = f"{stem.name}.png" if number == 1 else f"{stem.name}-{number}.png"
        _write(stem.with_name(name), marked_png(page.png, marks))


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from None
