"""Own templates: what an organisation words in its own way, tried before it is used, harmless whatever it says."""

import io

import pytest
from sqlalchemy import select

from records.blobs import Blobs
from records.database import Database
from records.tables import AuditEntry, Organisation, TemplateFile
from templates.own import NONE, own, own_words
from tests.paper_desk import PaperDesk
from web.desk.own_templates import load_templates, preview_mail, preview_order, templates_of
from web.desk.refused import CommandError

GREETING = {"email/order/en.toml": 'opening = "Dear partner, here is order {{ order.number }}:"'}


@pytest.fixture
def desk(sqlite_database: Database, blobs: Blobs) -> PaperDesk:
    return PaperDesk(sqlite_database, blobs)


def load(desk: PaperDesk, files: dict[str, str]) -> None:
    with desk.rows() as session:
        load_templates(session, session.get_one(Organisation, desk.organisation_id), files, "tess")


def test_an_order_goes_out_in_the_organisation_s_own_words_and_the_rest_stays_ours(desk: PaperDesk) -> None:
    load(desk, GREETING)
    mail = desk.order_gloves()
    text = next(leaf.text for leaf in mail.leaves if leaf.media_type == "text/plain")
    assert "Dear partner, here is order PO-" in str(text)
    assert own_words("email/order", "en", own(GREETING))["ask"] == own_words("email/order", "en", NONE)["ask"]


def test_another_organisation_s_orders_keep_our_words(desk: PaperDesk) -> None:
    load(desk, GREETING)
    other = PaperDesk(desk.database, desk.blobs, slug="south")
    with other.rows() as session:
        assert templates_of(session, session.get_one(Organisation, other.organisation_id)) == NONE


def test_what_was_loaded_is_in_the_audit_chain_and_an_empty_folder_takes_it_away(desk: PaperDesk) -> None:
    load(desk, GREETING)
    load(desk, {})
    with desk.rows() as session:
        assert session.scalars(select(TemplateFile)).all() == []
        told = [entry.detail["table"] for entry in session.scalars(select(AuditEntry)) if entry.actor == "tess"]
    assert told == ["template_file", "template_file"]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"email/order/xx.toml": ""}, "no template of this name"),
        ({"../secrets.toml": ""}, "no template of this name"),
        ({"email/order/en.toml": "opening = 3"}, "opening must be text"),
        ({"email/order/en.toml": 'hello = "x"'}, "hello is no sentence"),
        ({"email/order/en.toml": "opening = "}, "it is not TOML"),
        ({"email/order/en.toml": 'opening = "{{ nobody }}"'}, "nobody"),
        ({"email/order/body.jinja": "{% for"}, "cannot be drawn"),
        ({"email/order/body.jinja": '<img src="https://x.example/p.gif">'}, "bring everything with them"),
        ({"print/order.html": "<p>Nothing of the order</p>"}, "print/order.html"),
    ],
)
def test_a_template_that_does_not_do_is_refused_with_its_place(
    desk: PaperDesk, files: dict[str, str], told: str
) -> None:
    with pytest.raises(CommandError, match=told):
        load(desk, files)
    with desk.rows() as session:
        assert session.scalars(select(TemplateFile)).all() == []


@pytest.mark.parametrize(
    "hostile",
    [
        "{{ 'a' * 1000000000 }}",
        "{{ 9 ** 999999999 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ 'a'.ljust(1000000000) }}",
        "{{ 'a'.replace('', 'b' ) }}",
        "{{ 'x'|center(1000000000) }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ order.__init__.__globals__ }}",
        "{% for x in range(1000000000) %}x{% endfor %}",
        "{% include '/etc/passwd' %}",
        "{% include '../pyproject.toml' %}",
    ],
)
def test_a_template_reaches_nothing_beyond_its_values_and_grows_nothing(desk: PaperDesk, hostile: str) -> None:
    with pytest.raises(CommandError, match="cannot be drawn"):
        load(desk, {"email/order/body.jinja": hostile})


def test_a_preview_shows_the_templates_before_they_are_loaded(desk: PaperDesk) -> None:
    assert "Dear partner" in preview_mail("order", "en", "North Ltd", own(GREETING)).html
    paper = preview_order("de", "North Ltd", "#336699", own({"print/de.toml": 'title = "Bestellschein"'}))
    import pypdfium2

    text = pypdfium2.PdfDocument(io.BytesIO(paper))[0].get_textpage().get_text_range()
    assert "Bestellschein" in text and "North Ltd" in text
