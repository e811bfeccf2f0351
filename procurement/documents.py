"""Several confirmations in one mail: which document of a reading answers which order."""

from collections.abc import Mapping
from typing import Any

from procurement.order import normal_number

_OF_THE_MAIL = ("language", "sender", "subject", "sent_at", "reply_text")


def answers_by_order(reading: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what each order (by its normal number) is answered, empty unless every answer names its own order.

    Each is a reading of its own, with who wrote it from the mail around it.
    """
    answers = [one for one in reading.get("documents", ()) if one.get("kind") == "order_response"]
    named = [[normal_number(number) for number in one.get("order_numbers", ())] for one in answers]
    alone = len(answers) > 1 and all(len(numbers) == 1 for numbers in named)
    if not alone or len({numbers[0] for numbers in named}) < len(named) or not all(a.get("response") for a in answers):
        return {}
    mail = {name: reading[name] for name in _OF_THE_MAIL if name in reading}
    return {numbers[0]: {**mail, **one} for numbers, one in zip(named, answers, strict=True)}
