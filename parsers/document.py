"""Any document as a Reading: the one entrance to all formats."""

from datetime import date

from parsers.assemble import read_pages
from parsers.reading import Reading
from records.problems import Code, Problem


def read_document(
    data: bytes, name: str | None = None, media_type: str | None = None, today: date | None = None
) -> Reading:
    """Return what the document ``data`` says; never raises.

    ``name`` and ``media_type`` are hints where the bytes do not tell the format. ``today`` is the day that
    relative dates are told from. Bytes that cannot be read give a Reading of kind other with a problem.
    """
    if data[:1024].lstrip().startswith(b"%PDF"):
        return _pdf(data, today)
    return Reading(problems=(Problem(Code.UNREADABLE, "The format of the file is not known."),))


def _pdf(data: bytes, today: date | None) -> Reading:
    from parsers.formats.pdf import PdfEncryptedError, PdfRefusedError, read_pdf

    try:
        content = read_pdf(data)
    except PdfEncryptedError as error:
        return Reading(problems=(Problem(Code.ENCRYPTED, str(error)),))
    except PdfRefusedError as error:
        return Reading(problems=(Problem(Code.UNREADABLE, str(error)),))
    return read_pages(content.pages, today)
