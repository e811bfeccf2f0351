from hypothesis import given
from hypothesis import strategies as st

from intake.imap_fetch import BATCH, BATCH_BYTES, IN_PIECES, grouped


@given(st.lists(st.integers(0, IN_PIECES * 2), max_size=200))
def test_every_mail_is_in_one_group_and_no_group_is_too_much(sizes: list[int]) -> None:
    told = dict(enumerate(sizes, 1))
    groups = list(grouped(told))
    assert [uid for group in groups for uid in group] == list(told)
    for group in groups:
        assert len(group) <= BATCH
        assert len(group) == 1 or max(group.values()) <= IN_PIECES
        assert len(group) == 1 or sum(group.values()) <= BATCH_BYTES


def test_many_small_mails_fill_their_groups() -> None:
    assert [len(group) for group in grouped(dict.fromkeys(range(120), 1000))] == [50, 50, 20]


def test_groups_may_be_kept_smaller() -> None:
    assert [len(group) for group in grouped(dict.fromkeys(range(5), 1000), most=2)] == [2, 2, 1]
