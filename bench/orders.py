"""What printing an order costs beside bare WeasyPrint on the same page; run with ``python -m bench.orders``.

Both sides are warm and take turns; the time is CPU time of this process, the best of several rounds.
"""

import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from time import process_time

from dispatch.pdf import VARIANT, order_html, render_order
from procurement.order_document import DocumentLine, OrderDocument, Party
from templates.language import HERE

GOAL = 1.2  # times the bare rendering
SLACK = 1.15
ROUNDS = {1: 15, 10: 9, 200: 3}  # lines of an order: how often it is printed


def sample(lines: int) -> OrderDocument:
    """Return an order with that many lines."""
    return OrderDocument(
        number="PO-2026-00001",
        revision=1,
        issued_on=date(2026, 3, 4),
        currency="EUR",
        language="en",
        buyer=Party("Northwind GmbH", ("Quay 1", "20457 Hamburg"), "DE", "DE999999999"),
        supplier=Party("Acme Supplies Ltd", ("14 Long Lane", "Leeds"), "GB"),
        ship_to=Party("Northwind Works 2", ("Gate 3", "21129 Hamburg"), "DE"),
        lines=tuple(
            DocumentLine(
                number,
                "Hex bolt M8×40, stainless steel A2",
                Decimal(number),
                "C62",
                Decimal("12.35"),
                item_number=f"N-{number:05}",
                supplier_item_number=f"S-{number:05}",
                needed_by=date(2026, 3, 18),
                tax_rate=Decimal("0.19"),
            )
            for number in range(1, lines + 1)
        ),
        reply_to="orders@northwind.example",
    )


def bare_renderer(html: str) -> Callable[[], bytes]:
    """Return WeasyPrint itself on ``html``, with style sheet and fonts loaded beforehand."""
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    style = CSS(string=(HERE / "print" / "order.css").read_text(encoding="utf-8"), font_config=fonts)

    def render() -> bytes:
        page = HTML(string=html)
        return bytes(page.write_pdf(stylesheets=[style], font_config=fonts, pdf_variant=VARIANT))

    return render


def milliseconds(work: Callable[[], object]) -> float:
    """Return the CPU milliseconds of one call."""
    start = process_time()
    work()
    return 1000 * (process_time() - start)


def measure(lines: int) -> tuple[float, float]:
    """Return the best milliseconds of ours and of bare WeasyPrint for an order of ``lines`` lines."""
    document = sample(lines)
    render_order(document)
    bare = bare_renderer(order_html(document))
    bare()
    rounds = [(milliseconds(lambda: render_order(document)), milliseconds(bare)) for _ in range(ROUNDS[lines])]
    return min(ours for ours, _ in rounds), min(theirs for _, theirs in rounds)


def main() -> int:
    """Print the table; return 1 where the goal is missed by more than the slack."""
    missed = False
    print(f"{'lines':>5} {'ours ms':>9} {'bare ms':>9} {'ratio':>6}   goal {GOAL}")
    for lines in ROUNDS:
        ours, bare = measure(lines)
        missed |= ours / bare > GOAL * SLACK
        print(f"{lines:>5} {ours:>9.1f} {bare:>9.1f} {ours / bare:>6.2f}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
