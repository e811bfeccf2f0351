"""Our own documents read back: what they state must be what the order states, figure for figure."""

from collections.abc import Iterator

import pypdfium2

from dispatch.orderx import FILE_NAME
from dispatch.xml_tree import xml_text
from parsers.formats.xml import read_xml
from parsers.reading import Reading, ReadLine
from procurement.order_document import DocumentLine, OrderDocument
from procurement.units import MUTUALLY_DEFINED, standard_unit_code
from templates.language import Language, supported


def data_differences(document: OrderDocument, data: bytes) -> tuple[str, ...]:
    """Return what the XML ``data`` (Order-X or UBL) states otherwise than ``document``, as sentences."""
    read = read_xml(data)
    pairs = [*_head(document, read)]
    if len(read.lines) != len(document.lines):
        pairs.append(("number of lines", len(document.lines), len(read.lines)))
    for line, found in zip(document.lines, read.lines, strict=False):
        pairs += _line(document, line, found)
    return tuple(f"{name}: {found} instead of {meant}" for name, meant, found in pairs if found != meant)


def printed_differences(document: OrderDocument, pdf: bytes, data: bytes) -> tuple[str, ...]:
    """Return which figures of ``document`` the PDF does not print in their order, and whether ``data`` is not in it."""
    opened = pypdfium2.PdfDocument(pdf)
    try:
        text = _compact("".join(page.get_textpage().get_text_range() for page in opened))
        files = [opened.get_attachment(index) for index in range(opened.count_attachments())]
        embedded = [bytes(file.get_data()) for file in files if file.get_name() == FILE_NAME]
    finally:
        opened.close()
    told = [] if embedded == [data] else [f"{FILE_NAME} is not embedded as it was made"]
    return (*told, *_unprinted(document, text))


def _unprinted(document: OrderDocument, text: str) -> Iterator[str]:
    place = 0
    for name, figure in _figures(document):
        found = text.find(_compact(figure), place)
        if found < 0:
            yield f"{name}: {figure} is not printed"
        else:
            place = found + len(_compact(figure))


def _figures(document: OrderDocument) -> Iterator[tuple[str, str]]:
    """Yield every figure in the order in which it stands on paper."""
    language = Language(supported(document.language))
    for line in document.lines:
        name = f"line {line.line_number}"
        yield f"{name}, quantity", language.quantity(line.quantity)
        yield f"{name}, unit price", language.price(line.unit_price)
        yield f"{name}, total", language.amount(line.line_total)
    yield "net total", language.amount(document.net_total)
    for rate, _, tax in document.taxes:
        yield f"tax of {language.percent(rate)}", language.amount(tax)
    if document.taxes:
        yield "gross total", language.amount(document.gross_total)


def _compact(text: str) -> str:
    """Return ``text`` without blanks and the marks that a broken line leaves."""
    return "".join(char for char in text if not char.isspace() and char not in "\u00ad\ufffe\ufffd")


def _head(document: OrderDocument, read: Reading) -> Iterator[tuple[str, object, object]]:
    taxed = bool(document.taxes)
    yield "number", xml_text(document.number), read.number
    yield "order numbers", (xml_text(document.number),), read.order_numbers
    yield "date", document.issued_on, read.issued_on
    yield "currency", document.currency, read.currency
    yield "buyer", xml_text(document.buyer.name), read.buyer_name
    yield "supplier", xml_text(document.supplier.name), read.supplier_name
    yield "delivery date", document.needed_by, read.needed_by
    yield "net total", document.net_total, read.net_total
    yield "tax", document.tax_total if taxed else None, read.tax_total
    yield "gross total", document.gross_total, _gross(document, read)


def _gross(document: OrderDocument, read: Reading) -> object:
    """Return the gross total that was read; an order without tax need not state one."""
    return document.net_total if read.gross_total is None and not document.taxes else read.gross_total


def _line(document: OrderDocument, line: DocumentLine, found: ReadLine) -> Iterator[tuple[str, object, object]]:
    name = f"line {line.line_number}"
    number = line.supplier_item_number or line.item_number
    yield f"{name}, position", str(line.line_number), found.line_number
    yield f"{name}, description", xml_text(line.description) or None, found.description
    yield f"{name}, item number", xml_text(number) if number else None, found.item_number
    yield f"{name}, quantity", line.quantity, found.quantity
    yield f"{name}, unit", (standard_unit_code(line.unit) or MUTUALLY_DEFINED).lower(), found.unit
    yield f"{name}, unit price", line.unit_price, found.unit_price
    yield f"{name}, total", line.line_total, found.line_total
    yield f"{name}, delivery date", line.needed_by or document.needed_by, found.needed_by
