"""Order-X inside a PDF/A-3: the embedded file, its relationship, and the XMP that says so (Order-X 1.0, 6)."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

from lxml import etree

from dispatch.orderx import FILE_NAME

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_FX = "urn:factur-x:pdfa:CrossIndustryDocument:1p0#"
_EXTENSION = "http://www.aiim.org/pdfa/ns/extension/"
_SCHEMA = "http://www.aiim.org/pdfa/ns/schema#"
_PROPERTY = "http://www.aiim.org/pdfa/ns/property#"
_MEANINGS = {
    "DocumentFileName": "Name of the embedded XML file",
    "DocumentType": "Type of the document that the XML file holds",
    "Version": "Version of the standard that the XML file follows",
    "ConformanceLevel": "Profile of the standard that the XML file follows",
}


def attachment(weasyprint: Any, data: bytes, day: date) -> Any:
    """Return the XML as WeasyPrint embeds it; ``day`` is when it was made, so that bytes stay the same."""
    made = datetime.combine(day, time())
    return weasyprint.Attachment(
        string=data, name=FILE_NAME, description="Order-X", relationship="Data", created=made, modified=made
    )


def describe(metadata: Any, changed: bool) -> None:
    """Let ``metadata`` name the embedded order in its one rdf:RDF; ``changed`` says that it is an order change.

    WeasyPrint's own option for more metadata appends a second rdf:RDF, which XMP does not allow.
    """
    plain: Callable[..., bytes] = metadata.generate_rdf_metadata

    def with_order(*told: Any) -> bytes:
        root = etree.fromstring(plain(*told))
        root.extend([_properties(changed), _extension()])
        return etree.tostring(root)

    metadata.generate_rdf_metadata = with_order


def finish(_document: Any, pdf: Any) -> None:
    """Name each embedded file once in the catalog; WeasyPrint lists it twice."""
    if files := pdf.catalog.get("AF"):
        once = list(dict.fromkeys(files))
        files[:] = once


def _properties(changed: bool) -> etree._Element:
    described = _description({"fx": _FX})
    values = {
        "DocumentType": "ORDER_CHANGE" if changed else "ORDER",
        "DocumentFileName": FILE_NAME,
        "Version": "1.0",
        "ConformanceLevel": "COMFORT",
    }
    for name, value in values.items():
        etree.SubElement(described, f"{{{_FX}}}{name}").text = value
    return described


def _extension() -> etree._Element:
    """Return what PDF/A demands for properties that it does not know: the schema that they follow."""
    described = _description({"pdfaExtension": _EXTENSION, "pdfaSchema": _SCHEMA, "pdfaProperty": _PROPERTY})
    bag = etree.SubElement(etree.SubElement(described, f"{{{_EXTENSION}}}schemas"), f"{{{_RDF}}}Bag")
    schema = _resource(bag, _SCHEMA, {"schema": "Factur-X PDFA Extension Schema", "namespaceURI": _FX, "prefix": "fx"})
    listed = etree.SubElement(etree.SubElement(schema, f"{{{_SCHEMA}}}property"), f"{{{_RDF}}}Seq")
    for name, meaning in _MEANINGS.items():
        _resource(
            listed, _PROPERTY, {"name": name, "valueType": "Text", "category": "external", "description": meaning}
        )
    return described


def _description(namespaces: dict[str, str]) -> etree._Element:
    return etree.Element(f"{{{_RDF}}}Description", {f"{{{_RDF}}}about": ""}, nsmap=namespaces)


def _resource(parent: etree._Element, namespace: str, values: dict[str, str]) -> etree._Element:
    item = etree.SubElement(parent, f"{{{_RDF}}}li", {f"{{{_RDF}}}parseType": "Resource"})
    for name, value in values.items():
        etree.SubElement(item, f"{{{namespace}}}{name}").text = value
    return item
