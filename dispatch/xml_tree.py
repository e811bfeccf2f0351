"""XML documents of ours: elements in the order in which they are named, none of them empty."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lxml import etree

from templates.plain import cleaned


@dataclass(frozen=True)
class Vocabulary:
    """The namespaces of one document format, by prefix."""

    namespaces: Mapping[str, str]

    def __call__(self, name: str, *content: etree._Element | str | None, **attributes: str) -> etree._Element | None:
        """Return the element ``prefix:name`` with its text or children, or None where it would hold nothing.

        Text is kept to one line; None among the children leaves that child out.
        """
        element = etree.Element(self.qualified(name), attrib=attributes)
        for part in content:
            if isinstance(part, str):
                element.text = xml_text(part)
            elif part is not None:
                element.append(part)
        return element if len(element) or element.text else None

    def empty(self, name: str) -> etree._Element:
        """Return the element ``prefix:name`` that holds nothing, for a place where a schema demands it."""
        return etree.Element(self.qualified(name))

    def root(self, name: str, *content: etree._Element | None) -> bytes:
        """Return the whole document as bytes, its root being ``prefix:name``."""
        element = etree.Element(self.qualified(name), nsmap=dict(self.namespaces))
        element.extend(part for part in content if part is not None)
        return etree.tostring(element, xml_declaration=True, encoding="UTF-8", pretty_print=True)

    def qualified(self, name: str) -> str:
        """Return ``prefix:name`` as lxml writes names."""
        prefix, _, local = name.partition(":")
        return f"{{{self.namespaces[prefix]}}}{local}"


def xml_text(text: str) -> str:
    """Return ``text`` as one line of characters that XML 1.0 has.

    >>> xml_text("a\\ufffe  b\\n")
    'a b'
    """
    return cleaned(text.replace("\ufffe", "").replace("\uffff", ""))


def figure(number: Decimal) -> str:
    """Return a number as XML writes it, at least its whole digits, without useless zeros.

    >>> figure(Decimal("12.5000")), figure(Decimal("1E+3")), figure(Decimal("3"))
    ('12.5', '1000', '3')
    """
    plain = format(number, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def percent(fraction: Decimal) -> str:
    """Return a fraction as a percentage: 0.19 is ``19``."""
    return figure(fraction * 100)


def compact(day: date) -> str:
    """Return a date in format 102 of UN/EDIFACT 2379: ``20260304``."""
    return day.strftime("%Y%m%d")
