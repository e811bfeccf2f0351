"""The cover of an invoice's package: one HTML page that stands on its own, for whoever pays it."""

import re
from collections.abc import Mapping
from typing import Any

from templates.language import Language
from templates.sandbox import formats, print_environment

DEFAULT_ACCENT = "#1f4e79"
VERDICTS = {
    "match": "Matches what was ordered and received.",
    "within_tolerance": "Matches within the tolerance.",
    "accepted": "Differs; a person accepted the difference.",
}
KINDS = {"invoice": "Invoice", "credit_note": "Credit note"}
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def cover_page(content: Mapping[str, Any], accent: str) -> str:
    """Return the page of a package's ``content`` (procurement.steps.package); every value is escaped."""
    document = {**content["document"], "kind_name": KINDS[content["document"]["kind"]]}
    values = {**content, "document": document, "verdict_name": VERDICTS[content["verdict"]]}
    values["accent"] = accent if _COLOUR.fullmatch(accent) else DEFAULT_ACCENT
    return print_environment().get_template("billing/cover.html").render(formats(Language("en")), **values)
