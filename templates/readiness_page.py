"""The readiness report as one HTML page that stands on its own: to be read, printed, and handed over."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from templates.language import Language
from templates.sandbox import formats, print_environment

DEFAULT_ACCENT = "#1f4e79"
VERDICTS = {"ready": "Ready", "to_do": "To do", "blocked": "Blocked"}
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def readiness_page(name: str, on: date, accent: str, verdict: str, sections: Sequence[Any]) -> str:
    """Return the page; ``sections`` are those of procurement.readiness, every value is escaped."""
    values = {"name": name, "on": on, "verdict": verdict, "sections": sections, "verdicts": VERDICTS}
    values["accent"] = accent if _COLOUR.fullmatch(accent) else DEFAULT_ACCENT
    return print_environment().get_template("readiness/report.html").render(formats(Language("en")), **values)
