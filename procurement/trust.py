"""How far a sender's address is believed: proven, vouched for by the envelope only, or not at all."""

from collections.abc import Mapping
from typing import Any

ENVELOPE = "envelope"  # a host of the author's domain handed the mail in (SPF); nobody signed who wrote it


def may_ask(authenticated: bool, trust: Mapping[str, Any]) -> bool:
    """Return whether a mail may ask for something and be answered.

    Here the envelope suffices: what is asked for is still approved by somebody proven, and the answer goes to
    the domain that handed the mail in. Deciding, answering orders and teaching take proof.
    """
    return authenticated or trust.get("how") == ENVELOPE
