"""Own templates tried on the examples before they may be used: what fails is told, and nothing is sent."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace

from jinja2 import TemplateError

from dispatch.orderx_papers import make_papers
from dispatch.samples import ORDER, sample_values
from procurement.order_document import Change
from templates.language import LOCALES
from templates.letters import LETTERS
from templates.own import Own, path_faults
from templates.render import render_email

LONGEST = 1_000_000  # characters of one mail's HTML
_CHANGES = (Change(1, "quantity", ORDER.lines[0].quantity, ORDER.lines[0].quantity + 1),)
_FETCHES = re.compile(r"(?i)<(?:img|link|script|iframe|object|embed|form|input|video|audio|source|meta[^>]+refresh)\b")


def faults(own: Own) -> list[str]:
    """Return a sentence for each way in which the templates do not do; none where they may be used."""
    if found := [f"{path}: {fault}" for path, fault in path_faults(dict(own.files))]:
        return found
    return [*_mail_faults(own), *_order_faults(own)]


def _mail_faults(own: Own) -> Iterator[str]:
    for name in _touched(own):
        for language in LOCALES:
            try:
                mail = render_email(name, language, sample_values(name, "Northwind GmbH"), own)
            except (TemplateError, ValueError, KeyError, TypeError, tomllib.TOMLDecodeError) as error:
                yield f"email/{name} cannot be drawn in “{language}”: {_said(error)}"
                continue
            if len(mail.html) > LONGEST:
                yield f"email/{name} becomes longer than {LONGEST} characters"
            if _FETCHES.search(mail.html):
                yield f"email/{name} shows or fetches something from outside; mails bring everything with them"


def _touched(own: Own) -> list[str]:
    named = {path.split("/")[1] for path, _ in own.files if path.startswith("email/")}
    return [name for name in LETTERS if name in named]


def _order_faults(own: Own) -> Iterator[str]:
    """Yield what a printed order would not show: each paper is read back as it is before an order goes out."""
    if not any(path.startswith("print/") for path, _ in own.files):
        return
    for language in LOCALES:
        document = replace(ORDER, language=language, revision=2)
        try:
            papers = make_papers(document, _CHANGES, own=own)
        except (TemplateError, ValueError, KeyError, TypeError) as error:
            yield f"print/order.html cannot be drawn in “{language}”: {_said(error)}"
            continue
        yield from (f"print/order.html in “{language}”: {problem.detail}" for problem in papers.problems)


def _said(error: Exception) -> str:
    place = f" (line {error.lineno})" if hasattr(error, "lineno") else ""
    return f"{str(error) or type(error).__name__}{place}"
