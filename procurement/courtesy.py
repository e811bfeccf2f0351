"""When an automatic answer may go out, and when silence is better (RFC 3834).

Nobody unproven is answered, no machine, nobody twice a day for the same reason, and no conversation goes on
for ever. What is not said is recorded with the sentence that says why.
"""

from dataclasses import dataclass
from datetime import timedelta

DAY = timedelta(days=1)
MOST_A_DAY = 20  # automatic answers to one address, whatever they are about
MOST_IN_THREAD = 4  # of our automatic mails that one mail answers, before a person takes over
MOST_QUESTIONS = 2  # mails with questions about one requisition
MOST_AGAIN = 3  # mails that ask an approver again, about one approval
# Every requisition, approval and order is told of on its own; of these reasons an address hears once a day.
ONCE_A_DAY = frozenset({"requisition_refused", "message_unclear"})
NEVER_TWICE = frozenset({"requisition_question"})  # asked again only for something else
AUTOMATIC = ("requisition_received", "requisition_question", "requisition_refused", "message_unclear", "approval_again")


@dataclass(frozen=True)
class Occasion:
    """A mail that could be answered: who wrote it, how, and what they were told already.

    ``same_today`` counts automatic answers to ``recipient`` in the last day for the same reason (about the
    same row, or at all for reasons of ``ONCE_A_DAY``), ``today`` those for any reason; ``in_thread`` the
    automatic mails of ours that the mail answers.
    """

    kind: str
    recipient: str
    writer: str | None
    vouched: bool  # the sender is proven, or the envelope of their domain is
    no_answer: str = ""  # what in the mail asks for no answer
    is_ours: bool = False
    same_today: int = 0
    today: int = 0
    in_thread: int = 0


def silence(occasion: Occasion) -> str | None:
    """Return the sentence that says why the answer is not sent, None where it may go out."""
    to = occasion.recipient
    if not occasion.vouched:
        return f"It is not proven that {to} wrote the mail."
    if occasion.recipient != occasion.writer:
        return f"The mail was written by {occasion.writer or 'nobody who can be named'}, not by {to}."
    if occasion.is_ours:
        return f"{to} is an address of a desk."
    if occasion.no_answer:
        return f"The mail asks for no automatic answer: {occasion.no_answer}."
    if occasion.same_today:
        return f"{to} was told so within the last day."
    if occasion.in_thread >= MOST_IN_THREAD:
        return f"The mail answers {occasion.in_thread} automatic mails of ours already."
    if occasion.today >= MOST_A_DAY:
        return f"{to} got {occasion.today} automatic answers within the last day."
    return None
