"""Everything that goes to the supplier as an order: PDF with Order-X inside, UBL beside it, proved to agree."""

from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.orderx import order_x
from dispatch.orderx_check import data_differences, printed_differences
from dispatch.pdf import render_order
from dispatch.ubl_order import ubl_order
from procurement.order_document import Change, OrderDocument
from procurement.units import standard_unit_code
from records.problems import Code, Problem
from templates.own import NONE, Own


@dataclass(frozen=True)
class Papers:
    """One order on paper and as data; ``ubl`` is None for suppliers who do not want it."""

    pdf: bytes
    ubl: bytes | None
    problems: tuple[Problem, ...]  # why they must not go out: something was written otherwise than meant


def make_papers(
    document: OrderDocument, changes: Sequence[Change] = (), *, with_ubl: bool = False, own: Own = NONE
) -> Papers:
    """Return the order's papers, each read back and compared with ``document``; ``own`` are own templates."""
    pdf, data = render_order(document, changes, own), order_x(document)
    ubl = ubl_order(document) if with_ubl else None
    wrong = [("PDF", printed_differences(document, pdf, data)), ("Order-X", data_differences(document, data))]
    if ubl is not None:
        wrong.append(("UBL", data_differences(document, ubl)))
    problems = [_problem(paper, told) for paper, told in wrong if told]
    return Papers(pdf, ubl, tuple(problems))


def unit_problems(document: OrderDocument) -> tuple[Problem, ...]:
    """Return a problem for each line whose unit a supplier's system will not know: it has no code."""
    return tuple(
        Problem(
            Code.UNIT_MISMATCH,
            f"Line {line.line_number}: the unit “{line.unit}” has no code of UN/ECE Recommendation 20, and the "
            "supplier reads orders by machine. Name a known unit in the catalog, or waive this to send it as "
            "mutually defined (ZZ), with the word in a note.",
            f"/lines/{index}/unit",
        )
        for index, line in enumerate(document.lines)
        if standard_unit_code(line.unit) is None
    )


def country_problems(document: OrderDocument) -> tuple[Problem, ...]:
    """Return a problem for each party without a country, which Order-X and Peppol demand of an address."""
    places = "organisation.toml, [[ship_to]], or places.csv"
    parties = (
        ("buyer", document.buyer, "organisation.toml"),
        ("supplier", document.supplier, "suppliers.csv"),
        ("ship_to", document.ship_to, places),
    )
    return tuple(
        Problem(
            Code.ADDRESS_INCOMPLETE,
            f"No country is known of {party.name} ({role.replace('_', ' ')}), and the supplier reads orders by "
            f"machine. Fill in country ({file}), load it and release this, or waive it to send the order without.",
            f"/{role}/country",
        )
        for role, party, file in parties
        if not party.country
    )


def _problem(paper: str, told: Sequence[str]) -> Problem:
    return Problem(Code.TOTALS_DISAGREE, f"The order is not sent: its {paper} does not say the same. {told[0]}.")
