"""Made-up documents in twelve languages and many layouts, read back."""

from collections import Counter

import pytest

from parsers.document import read_document
from parsers.reading import Reading
from tests.parsers.paper import LANGUAGE, LANGUAGES, Paper, amount, paper, print_pdf

CASES = [(code, kind, seed) for code in LANGUAGES for kind, seed in (("invoice", 11), ("order_response", 12))]
CASES += [(code, kind, 13) for code in LANGUAGES[::3] for kind in ("quotation", "order")]


@pytest.mark.parametrize(("code", "kind", "seed"), CASES)
def test_lines_and_totals_are_exact(code: str, kind: str, seed: int) -> None:
    truth = paper(code, kind, seed)
    reading = read_document(truth.pdf)
    assert [(line.quantity, line.line_total) for line in reading.lines] == [
        (line["quantity"], line["total"]) for line in truth.lines
    ]
    assert (reading.net_total, reading.tax_total, reading.gross_total) == (truth.net, truth.tax, truth.gross)
    for line, told in zip(reading.lines, truth.lines, strict=True):
        assert (line.description or "").startswith(told["text"])


@pytest.mark.parametrize(("code", "kind", "seed"), CASES)
def test_header_fields_are_found(code: str, kind: str, seed: int) -> None:
    truth = paper(code, kind, seed)
    reading = read_document(truth.pdf)
    assert (reading.kind, reading.number, reading.issued_on) == (truth.kind, truth.number, truth.issued_on)
    assert (reading.supplier_name, reading.buyer_name) == (truth.seller, truth.buyer)
    if truth.order_number:
        assert reading.order_numbers == (truth.order_number,)


def test_every_value_points_to_where_it_stands() -> None:
    reading = read_document(paper("de", "invoice", 11).pdf)
    for pointer in ("/number", "/issued_on", "/net_total", "/lines/0/quantity", "/lines/0/line_total"):
        where = reading.evidence[pointer]
        assert where.page == 1
        assert where.box is not None
        assert where.box[0] < where.box[2] <= 596
        assert where.text


def test_a_total_that_does_not_fit_is_told_and_never_accepted() -> None:
    truth = paper("en", "invoice", 11)
    shown = amount(truth.net, LANGUAGE["en"])
    wrong = amount(truth.net + 1, LANGUAGE["en"])
    reading = read_document(print_pdf(truth.html.replace(f"{shown} ", f"{wrong} ")))
    assert not reading.accepted
    assert "TOTALS_DISAGREE" in [p.code for p in reading.problems]


def test_accepted_papers_are_right() -> None:
    verdicts = Counter[str]()
    for code in LANGUAGES:
        truth = paper(code, "quotation", 21)
        verdicts[_verdict(read_document(truth.pdf), truth)] += 1
    assert verdicts["accepted but wrong"] == 0
    assert verdicts["accepted"] >= 10


def _verdict(reading: Reading, truth: Paper) -> str:
    if not reading.accepted:
        return "asked"
    totals = [line.line_total for line in reading.lines]
    right = totals == [line["total"] for line in truth.lines] and reading.gross_total == truth.gross
    return "accepted" if right else "accepted but wrong"
