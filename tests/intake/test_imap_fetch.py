from types import SimpleNamespace
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from intake.imap_answer import FetchedMail
from intake.imap_fetch import AT_FIRST, BATCH, BATCH_BYTES, IN_PIECES, batches, grouped
from intake.imap_line import Line


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


class Sizes:
    """A folder that tells sizes and gives what is asked for."""

    def __init__(self, sizes: dict[int, int]) -> None:
        self.told = sizes

    def sizes(self, uids: list[int]) -> dict[int, int]:
        return {uid: self.told[uid] for uid in uids}

    def mails(self, uids: tuple[int, ...]) -> list[FetchedMail]:
        return [FetchedMail(uid, b"x" * self.told[uid], None) for uid in uids]

    def present(self, uids: list[int]) -> frozenset[int]:
        return frozenset()


@given(st.lists(st.integers(1, 200_000), min_size=1, max_size=120))
def test_no_batch_is_more_than_a_tenth_of_what_came_before_it_beside_one_mail(sizes: list[int]) -> None:
    line = SimpleNamespace(folder=Sizes(dict(enumerate(sizes, 1))))
    brought = 0
    for batch in batches(cast(Line, line), list(range(1, len(sizes) + 1)), 10**9):
        bytes_of = sum(len(mail.data) for mail in batch.mails)
        assert len(batch.mails) == 1 or bytes_of <= max(AT_FIRST, brought / 10)
        brought += bytes_of
    assert brought == sum(sizes)
