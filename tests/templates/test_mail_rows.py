from decimal import Decimal

from dispatch.samples import VALUES
from procurement.order_document import Change
from templates.language import Language
from templates.mail_rows import change_table
from templates.render import render_email

CHANGES = [Change(2, "quantity", Decimal(10), Decimal(12)), Change(None, "ship_to", "Leeds", "York <i>")]


def test_changes_are_a_table_with_a_row_each_and_a_sentence_for_plain_text() -> None:
    table = change_table(CHANGES, Language("en"))
    assert table.heads == ("Line", "What", "Before", "Now")
    assert table.rows[0] == ("2", "Quantity", "10", "12")
    assert table.rows[1][:2] == ("Order", "Delivery address")
    assert table.points[0] == "Line 2, Quantity: 10 → 12"


def test_the_mail_of_a_revision_shows_what_changed_as_a_table_and_as_points() -> None:
    mail = render_email("order", "en", {"organisation": "Northwind", **VALUES["order"], "changes": CHANGES})
    assert "- Line 2, Quantity: 10 → 12" in mail.text
    assert mail.html.count('<th scope="col"') == 4 and "York &lt;i&gt;" in mail.html
