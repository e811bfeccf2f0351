"""What reading mail costs: the parser against the standard library, and the whole way of a plain mail.

Run with ``python -m bench.mail``; figures are CPU time of this process, ratios are of the same run.
"""

import email
import email.policy
import json
import time
from collections.abc import Callable
from email.message import EmailMessage

from parsers.mail_kind import find_kind
from parsers.message import Message, parse_message
from parsers.own_words import own_words
from parsers.screening import screen

_TEXTS = (
    "Hello,\n\ncould you please order 6 boxes of gloves and 4 bottles of soap by Friday? Cost centre "
    "4711.\n\nThanks,\nAnn\n",
    "Confirmed.\n\nOn Mon, 9 Nov 2026 at 10:00, Mill <desk@mill.example> wrote:\n> Please supply our "
    "order PO-2026-77:\n> 4 pumps\n",
    "Approved.\n\nOn Mon, 9 Nov 2026 at 10:00, Desk <desk@mill.example> wrote:\n> PO-2026-77 needs your approval.\n",
    "Guten Tag,\n\nPosition 1 liefern wir am 30.11.2026, Position 2 ist ausgelaufen.\n\nMit "
    "freundlichen Grüßen\nAnn Lee\n",
)


def samples(count: int = 400) -> list[bytes]:
    """Return plain mails, some with an HTML alternative and an attachment of 40 KB."""
    return [_sample(number) for number in range(count)]


def _sample(number: int) -> bytes:
    message = EmailMessage()
    message["From"] = "Ann Lee <ann@firm.example>"
    message["To"] = "desk@mill.example"
    message["Date"] = "Tue, 10 Nov 2026 09:00:00 +0000"
    message["Subject"] = f"Re: Order PO-2026-{number:04}"
    message["Message-ID"] = f"<{number}@firm.example>"
    message.set_content(_TEXTS[number % len(_TEXTS)])
    if number % 8 == 0:
        message.add_alternative(f"<p>{_TEXTS[number % len(_TEXTS)]}</p>", subtype="html")
        message.add_attachment(bytes(range(256)) * 160, maintype="application", subtype="pdf", filename="order.pdf")
    return bytes(message)


def library(data: bytes) -> None:
    """Decode everything of a message with the standard library's modern policy."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    for _, value in message.items():
        str(value)
    for part in message.walk():
        if not part.is_multipart():
            part.get_payload(decode=True)
            if part.get_content_maintype() == "text":
                part.get_content()


def ours(data: bytes) -> Message:
    """Decode everything of a message with our parser."""
    message = parse_message(data)
    for leaf in message.leaves:
        _ = leaf.text
    return message


def classify(data: bytes) -> None:
    """Parse a message, screen it, part its words and say what kind it is."""
    message = parse_message(data)
    words = own_words(message)
    find_kind(message, screen(message), words, (), False)


def per_second(work: Callable[[bytes], object], mails: list[bytes]) -> float:
    """Return how many of ``mails`` ``work`` does in a second of CPU time, the best of three runs."""
    best = 0.0
    for _ in range(3):
        start = time.process_time()
        for data in mails:
            work(data)
        best = max(best, len(mails) / (time.process_time() - start))
    return best


def main() -> None:
    """Print the figures as one JSON object."""
    mails = samples()
    classify(mails[0])
    parse, standard = per_second(ours, mails), per_second(library, mails)
    figures = {
        "parse_per_second": round(parse),
        "parse_cost_to_policy_default": round(standard / parse, 3),
        "classify_per_second": round(per_second(classify, mails)),
    }
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
