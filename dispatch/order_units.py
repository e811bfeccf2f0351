"""Units as a supplier reads them: in the language of the order, where a unit and its word are known."""

from dataclasses import replace

from procurement.order_document import OrderDocument
from procurement.units import unit_code
from templates.language import supported, words


def with_known_units(document: OrderDocument) -> OrderDocument:
    """Return the order with the codes of its units, for which templates have words; other units stay as written."""
    lines = (replace(line, unit=known_unit(line.unit, document.language)) for line in document.lines)
    return replace(document, lines=tuple(lines))


def known_unit(unit: str, language: str) -> str:
    """Return the code of a unit that has a word in ``language``, else the unit as it was written.

    >>> known_unit("Stück", "fr"), known_unit("tub", "fr")
    ('H87', 'tub')
    """
    code = unit_code(unit)
    return code if code and code in words("units", supported(language)) else unit
