"""When an automatic answer may go out: every reason for silence, at and beyond its limit."""

from dataclasses import replace

import pytest

from procurement.courtesy import MOST_A_DAY, MOST_IN_THREAD, Occasion, silence

FINE = Occasion("message_unclear", "ann@firm.example", "ann@firm.example", vouched=True)


def test_a_proven_writer_who_was_told_nothing_is_answered() -> None:
    assert silence(FINE) is None


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"vouched": False}, "not proven"),
        ({"writer": "bob@firm.example"}, "written by bob@firm.example"),
        ({"writer": None}, "nobody who can be named"),
        ({"is_ours": True}, "address of a desk"),
        ({"no_answer": "Precedence: list"}, "Precedence: list"),
        ({"same_today": 1}, "within the last day"),
        ({"in_thread": MOST_IN_THREAD}, "automatic mails of ours already"),
        ({"today": MOST_A_DAY}, "automatic answers within the last day"),
    ],
)
def test_each_reason_alone_is_enough_for_silence_and_is_said(changes: dict[str, object], why: str) -> None:
    assert why in (silence(replace(FINE, **changes)) or "")  # type: ignore[arg-type]


def test_one_below_each_limit_an_answer_still_goes_out() -> None:
    assert silence(replace(FINE, in_thread=MOST_IN_THREAD - 1, today=MOST_A_DAY - 1)) is None
