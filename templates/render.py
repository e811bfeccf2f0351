"""Emails as text: one body for each mail, the words of eight languages as data, text and HTML alike.

``templates/email/<name>/body.jinja`` says what stands where, ``<language>.toml`` beside it how it is
said, and ``parts.txt`` and ``parts.html`` how each kind of part looks. Nothing is fetched by the reader's
program: no image, no style sheet, no tracking.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from templates.language import Language, supported
from templates.letters import LETTERS
from templates.mail_rows import change_points, change_table, line_rows, question_points
from templates.own import NONE, Own, own_words
from templates.plain import cleaned
from templates.sandbox import formats, html_environment, sentence_environment, text_environment

LONGEST_SUBJECT = 200
PAGE = Markup(
    '<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title></head>\n'
    '<body style="margin:0;padding:16px;font:15px/1.5 -apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif;'
    'color:#1c1c1c;overflow-wrap:anywhere"><div style="max-width:640px">\n{body}\n</div></body></html>\n'
)


@dataclass(frozen=True)
class EmailText:
    """What an email says; ``subject`` is one line without control characters."""

    subject: str
    text: str
    html: str


class Words:
    """The sentences of one mail, each filled in when a template asks for it."""

    def __init__(
        self, sentences: Mapping[str, Any], environment: ImmutableSandboxedEnvironment, values: Mapping[str, Any]
    ) -> None:
        self._sentences = sentences
        self._environment = environment
        self._values = values

    def __getitem__(self, key: str) -> "Markup | Words":
        """Return a sentence, or the Words of a table of sentences; KeyError if there is none."""
        sentence = self._sentences[key]
        if isinstance(sentence, Mapping):
            return Words(sentence, self._environment, self._values)
        return Markup(self._environment.from_string(sentence).render(self._values))


def render_email(name: str, language: str, values: Mapping[str, Any], own: Own = NONE) -> EmailText:
    """Return the email ``name`` (a key of LETTERS) in ``language``, or in English if we do not speak it.

    ``own`` are the organisation's own templates.

    Raises ValueError naming the values that are missing; values that this email does not mention are ignored,
    so that one set of facts can serve several emails.
    """
    tongue = Language(supported(language))
    filled = _checked(name, values) | formats(tongue) | _functions(tongue)
    sentences = own_words("email/words", tongue.code, own) | own_words(f"email/{name}", tongue.code, own)
    plain = Words(sentences, sentence_environment(own), filled)
    subject = cleaned(plain["subject"])
    text = _body(name, "txt", text_environment(own), plain, filled)
    html = _body(name, "html", html_environment(own), Words(sentences, html_environment(own), filled), filled)
    return EmailText(
        subject=subject if len(subject) <= LONGEST_SUBJECT else subject[: LONGEST_SUBJECT - 1] + "…",
        text=re.sub(r"\n{3,}", "\n\n", text).strip() + "\n",
        html=PAGE.format(language=tongue.code, title=subject, body=Markup(html.strip())),
    )


def _checked(name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    letter = LETTERS.get(name)
    if letter is None:
        raise ValueError(f"there is no email called {name!r}")
    if missing := letter.needed - values.keys():
        raise ValueError(f"email {name}: missing {sorted(missing)}")
    return dict.fromkeys(letter.optional) | dict(values)


def _functions(language: Language) -> dict[str, Any]:
    return {
        "supplier_lines": partial(line_rows, language=language, yours=True),
        "buyer_lines": partial(line_rows, language=language, yours=False),
        "change_points": partial(change_points, language=language),
        "change_table": partial(change_table, language=language),
        "question_points": partial(question_points, language=language),
    }


def _body(
    name: str, kind: str, environment: ImmutableSandboxedEnvironment, say: Words, values: Mapping[str, Any]
) -> str:
    template = environment.get_template(f"email/{name}/body.jinja")
    return template.render(values, say=say, parts=f"email/parts.{kind}")
