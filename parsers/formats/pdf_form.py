"""The values of a PDF's form fields, as words where the fields stand."""

import ctypes
from collections.abc import Iterator
from typing import Any

import pypdfium2.raw as raw

from parsers.formats.pdf_drawn import Place
from parsers.page import Word

_MOST_ANNOTATIONS = 5000
_LONGEST_VALUE = 40_000  # bytes


def form_words(page: Any, document: Any, place: Place) -> list[Word]:
    """Return the values of the form fields on ``page`` that its text does not draw."""
    if document.get_formtype() == raw.FORMTYPE_NONE:
        return []
    if document.formenv is None:
        document.init_forms()
    words: list[Word] = []
    for index in range(min(raw.FPDFPage_GetAnnotCount(page.raw), _MOST_ANNOTATIONS)):
        annotation = raw.FPDFPage_GetAnnot(page.raw, index)
        if annotation:
            words.extend(_field_words(annotation, document, place))
            raw.FPDFPage_CloseAnnot(annotation)
    return words


def _field_words(annotation: Any, document: Any, place: Place) -> Iterator[Word]:
    if raw.FPDFAnnot_GetSubtype(annotation) != raw.FPDF_ANNOT_WIDGET:
        return
    if raw.FPDFAnnot_GetFormFieldType(document.formenv, annotation) not in (
        raw.FPDF_FORMFIELD_TEXTFIELD,
        raw.FPDF_FORMFIELD_COMBOBOX,
    ):
        return
    value = _field_value(annotation, document)
    rect = raw.FS_RECTF()
    if not value or not raw.FPDFAnnot_GetRect(annotation, ctypes.byref(rect)):
        return
    x0, top, x1, bottom = place(rect.left, min(rect.bottom, rect.top), rect.right, max(rect.bottom, rect.top))
    lines = value.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    step = (bottom - top) / len(lines)
    height = min(step, 10.0)
    for number, line in enumerate(lines):
        middle = top + step * (number + 0.5)
        yield from _spread(line, x0, x1, middle - height / 2, middle + height / 2)


def _spread(line: str, x0: float, x1: float, top: float, bottom: float) -> Iterator[Word]:
    """Yield the words of a form field's line, set from the left at an average width of letters."""
    width = min((x1 - x0) / max(len(line), 1), (bottom - top) * 0.5)
    start = 0
    for text in line.split():
        start = line.index(text, start)
        yield Word(text, (x0 + start * width, top, x0 + (start + len(text)) * width, bottom))
        start += len(text)


def _field_value(annotation: Any, document: Any) -> str:
    size = raw.FPDFAnnot_GetFormFieldValue(document.formenv, annotation, None, 0)
    if not 2 < size <= _LONGEST_VALUE:
        return ""
    buffer = ctypes.create_string_buffer(size)
    raw.FPDFAnnot_GetFormFieldValue(
        document.formenv, annotation, ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), size
    )
    return buffer.raw[: size - 2].decode("utf-16-le", errors="replace").strip()
