"""XML business documents: UBL 2.1 and UN/CEFACT Cross Industry, told apart by their root.

Names are matched without namespace, so that every release of a standard is read alike. Nothing is
fetched, no entity is resolved; a document type was refused before.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree

from parsers.reading import Reading

MOST_ELEMENTS = 400_000


class XmlRefusedError(ValueError):
    """The XML cannot be read, or is no document that is known."""


def read_xml(data: bytes) -> Reading:
    """Return what a UBL or Cross Industry document says; raises XmlRefusedError for any other."""
    root = parse(data)
    name = local_name(root)
    if name.startswith(("CrossIndustry", "SCRDM")):
        from parsers.formats.cii import read_cii

        return read_cii(root)
    from parsers.formats.ubl import DOCUMENTS, read_ubl

    if name in DOCUMENTS:
        return read_ubl(root)
    raise XmlRefusedError(f"XML of the kind {name!r} is not known.")


def parse(data: bytes) -> Any:
    """Return the root element; raises XmlRefusedError where the XML is broken, too deep or too long."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise XmlRefusedError(f"The XML cannot be read: {str(error)[:120]}.") from None
    for count, _ in enumerate(root.iter()):
        if count > MOST_ELEMENTS:
            raise XmlRefusedError("The XML has more elements than any order.")
    return root


def local_name(node: Any) -> str:
    """Return an element's name without its namespace, "" for comments."""
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def nodes(node: Any, path: str) -> Iterator[Any]:
    """Yield the elements at ``path`` (names parted by slashes) beneath ``node``."""
    head, _, rest = path.partition("/")
    for child in node:
        if local_name(child) == head:
            if rest:
                yield from nodes(child, rest)
            else:
                yield child


def text_at(node: Any, *paths: str) -> str | None:
    """Return the first text that stands at one of ``paths``, None if none does."""
    for path in paths:
        for found in nodes(node, path):
            text = " ".join((found.text or "").split())
            if text:
                return text
    return None


def number_at(node: Any, *paths: str) -> Decimal | None:
    """Return the first number at one of ``paths``; XML writes them with a point."""
    text = text_at(node, *paths)
    if text is None or len(text) > 40:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def date_at(node: Any, *paths: str) -> date | None:
    """Return the first date at one of ``paths``: ISO, or eight digits as in format 102."""
    for path in paths:
        text = text_at(node, path)
        if text is None:
            continue
        digits = text if len(text) == 8 and text.isdecimal() else text[:10]
        try:
            return date.fromisoformat(digits)
        except ValueError:
            continue
    return None


def attribute_at(node: Any, path: str, name: str) -> str | None:
    """Return the attribute ``name`` of the first element at ``path``."""
    return next((found.get(name) for found in nodes(node, path) if found.get(name)), None)
