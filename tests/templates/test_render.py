import re
import tomllib
from collections.abc import Mapping
from html.parser import HTMLParser
from string import Formatter
from typing import Any

import pytest

from dispatch.samples import VALUES
from templates.language import HERE, LOCALES, words
from templates.letters import LETTERS
from templates.render import render_email


def values_of(name: str, **more: Any) -> dict[str, Any]:
    return {"organisation": "Northwind GmbH", **VALUES[name], **more}


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen += [tag, *(name for name, _ in attrs)]
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("name", LETTERS)
def test_every_email_reads_whole_in_every_language(name: str, language: str) -> None:
    email = render_email(name, language, values_of(name))
    assert email.subject and "\n" not in email.subject
    for told in (email.subject, email.text, email.html):
        assert not re.search(r"\{\{|\}\}|\{%|None|Undefined", told)
    assert "Northwind GmbH" in email.text and "\n\n\n" not in email.text
    tags = Tags()
    tags.feed(email.html)
    assert tags.open == []
    assert not {"img", "link", "script", "iframe", "src", "background", "href", "form"} & set(tags.seen)
    assert f'<html lang="{language}">' in email.html


@pytest.mark.parametrize("name", LETTERS)
def test_the_number_stands_in_the_subject(name: str) -> None:
    values = values_of(name)
    number = values.get("order_number") or values.get("number") or values["about"]
    assert number in render_email(name, "en", values_of(name)).subject


def test_all_languages_say_the_same_sentences_with_the_same_values() -> None:
    for folder in ("print", "units", "email/words", *(f"email/{name}" for name in LETTERS)):
        english = sentences(words(folder, "en"))
        for language in LOCALES:
            others = sentences(words(folder, language))
            assert others.keys() == english.keys(), (folder, language)
            for key, sentence in english.items():
                assert placeholders(others[key]) == placeholders(sentence), (folder, language, key)


def sentences(table: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in table.items():
        found |= sentences(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return found


def placeholders(sentence: str) -> set[str]:
    if "{{" in sentence or "{%" in sentence:
        return set(re.findall(r"\{\{.*?\}\}", sentence))
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_every_file_of_words_is_valid_and_belongs_to_a_known_language() -> None:
    for path in sorted(HERE.rglob("*.toml")):
        assert path.stem in LOCALES
        assert tomllib.loads(path.read_text(encoding="utf-8"))


def test_the_order_shows_lines_totals_and_what_to_do() -> None:
    text = render_email("order", "en", values_of("order")).text
    assert "100 pcs × EUR 0.1275 = EUR 12.75" in text
    assert "1,250.5 box × EUR 14.90 = EUR 18,632.45" in text
    assert "Item N-1 · Your item S-1" in text
    assert "Total, net: EUR 18,645.20" in text
    assert "Please confirm price, quantity and delivery date by replying" in text
    assert text.rstrip().endswith("BD-TOKEN-7")


def test_figures_follow_the_language() -> None:
    assert "1.250,5 box × EUR 14,90 = EUR 18.632,45" in render_email("order", "de", values_of("order")).text


def test_an_unknown_language_falls_back_to_english_and_a_region_to_its_language() -> None:
    assert render_email("order", "sv", values_of("order")).text.startswith("Hello,")
    assert render_email("order", "de-AT", values_of("order")).text.startswith("Guten Tag,")


def test_the_approver_sees_budget_waivers_reason_and_how_to_answer() -> None:
    text = render_email("approval_request", "en", values_of("approval_request")).text
    assert "Budget left: EUR 20,000.00" in text
    assert "Budget left after this: EUR 1,354.80" in text
    assert "- The price is 3 % above the contract." in text
    assert "Reason: The old ones broke. We need them soon." in text
    assert "“approved”" in text and "“rejected”" in text
    assert "1 box, price not known yet" in text
    assert "BD-TOKEN-7" in text


def test_above_the_email_limit_only_the_page_is_offered() -> None:
    limited = values_of("approval_request", by_email=False, page="https://desk.example/a/1")
    text = render_email("approval_request", "en", limited).text
    assert "https://desk.example/a/1" in text and "“approved”" not in text


@pytest.mark.parametrize("why", words("email/approval_again", "en")["why"])
def test_every_reason_to_ask_again_is_said(why: str) -> None:
    sentence = words("email/approval_again", "en")["why"][why]
    assert sentence in render_email("approval_again", "en", values_of("approval_again", why=why)).text


def test_a_question_names_its_line_what_was_wanted_and_what_it_may_be() -> None:
    text = render_email("requisition_question", "de", values_of("requisition_question")).text
    assert "- Position 2 (thing): Welcher Artikel genau?" in text
    assert "Vielleicht eines davon: G-1 A thing; G-2 It" in text


def test_all_questions_stand_in_one_mail() -> None:
    questions = [{"ask": ask} for ask in words("email/requisition_question", "en")["question"] if ask != "choices"]
    text = render_email("requisition_question", "en", values_of("requisition_question", questions=questions)).text
    assert text.count("\n- ") == len(questions) >= 9


@pytest.mark.parametrize("language", sorted(LOCALES))
def test_what_a_mail_seemed_to_want_is_said_in_every_language(language: str) -> None:
    told = words("email/message_unclear", language)["understood"]
    assert set(told) == set(words("email/message_unclear", "en")["understood"])
    for understood, sentence in told.items():
        values = values_of("message_unclear", understood=understood)
        assert sentence in render_email("message_unclear", language, values).text


def test_a_change_shows_before_and_after() -> None:
    text = render_email("response_applied", "en", values_of("response_applied")).text
    assert "- Line 2, Delivery date: 20 Mar 2026 → 27 Mar 2026" in text
    assert "The buyer is looking into it" in text


@pytest.mark.parametrize("answer", ["accepted", "changed", "rejected", "received_only"])
def test_the_requester_learns_each_kind_of_answer(answer: str) -> None:
    email = render_email("response_applied", "en", values_of("response_applied", answer=answer, changes=()))
    assert "PO-2026-00007" in email.text


HOSTILE = '<img src=x onerror=alert(1)> {{ 7*7 }} {% raw %} \r\nBcc: thief@example.org\u202e\u0000 "&'


@pytest.mark.parametrize("name", LETTERS)
def test_hostile_values_stay_text(name: str) -> None:
    hostile = {
        key: HOSTILE if isinstance(value, str) and key not in {"why", "answer", "understood"} else value
        for key, value in values_of(name, person=HOSTILE).items()
    }
    email = render_email(name, "en", hostile)
    assert not re.search(r"[\r\n\0\u202e]", email.subject)
    assert "49" not in email.text.replace("18,649", "")
    assert "\u202e" not in email.text + email.html and "\0" not in email.text + email.html
    tags = Tags()
    tags.feed(email.html)
    assert "img" not in tags.seen and "onerror" not in tags.seen and tags.open == []


def test_a_value_cannot_fake_a_line_of_its_own_in_plain_text() -> None:
    faked = values_of("approval_request", supplier="Acme\n\nTotal: EUR 1.00", requester="Bob\nTotal: EUR 2.00")
    text = render_email("approval_request", "en", faked).text
    assert re.findall(r"^Total: .*$", text, re.M) == ["Total: EUR 18,645.20"]


def test_a_missing_value_is_named_and_an_unknown_email_refused() -> None:
    with pytest.raises(ValueError, match=r"missing \['order'\]"):
        render_email("order", "en", {"organisation": "x", "number": "1"})
    with pytest.raises(ValueError, match="no email called"):
        render_email("../order", "en", {})


def test_an_endless_subject_is_shortened_after_the_number() -> None:
    subject = render_email("requisition_refused", "en", values_of("requisition_refused", about="x" * 900)).subject
    assert len(subject) == 200 and subject.endswith("…")
