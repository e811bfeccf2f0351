"""Pages of the workbench: HTML in which every value is escaped."""

from collections.abc import Mapping
from typing import Any

from templates.sandbox import page_environment


def web_page(name: str, values: Mapping[str, Any]) -> str:
    """Return the page ``templates/web/NAME`` filled with ``values``."""
    return page_environment().get_template(f"web/{name}").render(values)
