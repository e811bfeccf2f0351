"""What a supplier is told of his invoice (templates.letters)."""

from sqlalchemy.orm import Session

from dispatch.facts import Values
from records.tables import Invoice, InvoiceLine, Organisation


def disputed_values(session: Session, invoice: Invoice, words: str) -> Values:
    """Return what a supplier is told whose invoice is disputed: ``words``, and each line that differs."""
    organisation = session.get_one(Organisation, invoice.organisation_id)
    return {
        "organisation": organisation.name,
        "person": invoice.supplier.contact_name,
        "number": invoice.number or str(invoice.id),
        "order_number": invoice.order.number if invoice.order else None,
        "words": words,
        "differences": [told for line in invoice.lines for told in _differences(line)],
    }


def _differences(line: InvoiceLine) -> list[str]:
    about = line.description or f"{line.place + 1}"
    return [f"{about}: {agreed} → {billed}" for agreed, billed in line.differences.values()]
