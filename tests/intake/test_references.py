"""Which orders a message answers by its signals, and when it says the same of several."""

import pytest

from intake.references import Candidate, chosen, named_together

THREAD, NUMBER = frozenset({"thread"}), frozenset({"number"})


def test_only_orders_of_the_supplier_who_writes_count() -> None:
    mine, theirs = Candidate(1, 7, NUMBER), Candidate(2, 8, THREAD | NUMBER)
    assert chosen([mine, theirs], 7) == [mine]
    assert chosen([mine, theirs], None) == []


def test_two_signals_outweigh_one_and_one_outweighs_none() -> None:
    both, thread, number = Candidate(1, 7, THREAD | NUMBER), Candidate(2, 7, THREAD), Candidate(3, 7, NUMBER)
    assert chosen([both, thread, number], 7) == [both]
    assert chosen([thread, number], 7) == [thread, number]


@pytest.mark.parametrize(
    ("text", "together"),
    [
        ("We confirm PO-1 and PO-2.", True),
        ("We confirm po-1, PO-2.", True),
        ("Wir bestätigen PO-1 und PO-2.", True),
        ("Nous confirmons PO-1 et PO-2", True),
        ("Confirmamos PO-1 y PO-2", True),
        ("Confermiamo PO-1 e PO-2", True),
        ("Wij bevestigen PO-1 en PO-2", True),
        ("PO-1/PO-2 confirmed", True),
        ("PO-1 is fine. PO-2 too.", False),
        ("We confirm PO-2 at the prices of PO-1.", False),
        ("PO-1 replaces PO-2", False),
        ("We confirm PO-1.", False),
        ("We confirm PO-1 and PO-1.", False),
        ("", False),
    ],
)
def test_several_orders_count_together_only_where_they_are_enumerated(text: str, together: bool) -> None:
    assert named_together(text, ["PO-1", "PO-2"]) is together
