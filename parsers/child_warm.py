"""What reading most documents needs, loaded by reading a small invoice once."""

from parsers.document import read_document

_ROWS = (
    ((40, "Invoice no.: A-1"),),
    ((40, "Date: 2 March 2026"), (300, "Your order: 4500012345")),
    ((40, "Supplier Ltd, 1 Main Street, 10115 Berlin"), (300, "VAT no.: DE123456789")),
    ((40, "Item no."), (120, "Description"), (300, "Quantity"), (360, "Unit price"), (440, "Amount")),
    ((40, "P-1"), (120, "Pens, blue"), (300, "10 pcs"), (360, "1.50"), (440, "15.00")),
    ((40, "I-2"), (120, "Ink"), (300, "2 pcs"), (360, "2.50"), (440, "5.00")),
    ((300, "Net total"), (440, "20.00")),
    ((300, "VAT 19 %"), (440, "3.80")),
    ((300, "Total EUR"), (440, "23.80")),
)


def warm_up() -> None:
    """Load libraries, lexicons and patterns; every process that is started as a copy of this one has them."""
    import parsers.formats.xml  # noqa: F401

    read_document(sample(), "sample.pdf")
    read_document(b"Purchase requisition\nDescription;Quantity\nPens;10\n", "sample.csv")


def sample() -> bytes:
    """Return a small invoice as a PDF."""
    drawn = "".join(
        f"BT /F 9 Tf {x} {780 - 20 * number} Td ({text}) Tj ET\n" for number, row in enumerate(_ROWS) for x, text in row
    )
    return (
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        "/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj\n"
        f"4 0 obj<</Length {len(drawn)}>>stream\n{drawn}endstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    ).encode()
