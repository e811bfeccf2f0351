"""Reports: what a desk did in a period, as tables, charts and files."""

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from lxml import etree
from openpyxl import load_workbook
from sqlalchemy import update

from records.base import utc_now
from records.blobs import Blobs
from records.database import Database
from records.exceptions import resolve
from records.tables import ExceptionItem, Organisation, Requisition, RequisitionLine
from tests.paper_desk import PaperDesk
from web.charts import chart
from web.desk.reports.figures import Column, Period, PeriodError, Report, hours, period_of, share
from web.desk.reports.files import as_csv, as_json, as_xlsx
from web.desk.reports.shelf import REPORTS


@pytest.fixture
def desk(sqlite_database: Database, blobs: Blobs) -> Iterator[PaperDesk]:
    """Give a desk that ordered gloves twice, got one answer, and could not read one mail's sender."""
    yield with_orders(sqlite_database, blobs)


def with_orders(database: Database, blobs: Blobs) -> PaperDesk:
    desk = PaperDesk(database, blobs)
    order = desk.order_gloves()
    desk.clock.forward(hours=5)
    desk.reply(desk.glover, order, "We accept your order as it is.")
    desk.receive("stranger@elsewhere.example", "Please order", "Please order 3 chairs for us.")
    return desk


def made(desk: PaperDesk, name: str) -> Report:
    with desk.rows() as session:
        organisation = session.get_one(Organisation, desk.organisation_id)
        return REPORTS[name](session, organisation, period_of(organisation, None, None, desk.clock.now))


def column(report: Report, key: str) -> list[object]:
    place = [one.key for one in report.columns].index(key)
    return [row[place] for row in report.rows]


def total(report: Report, key: str) -> int:
    return sum(int(str(value)) for value in column(report, key))


def test_volumes_count_every_mail_request_order_and_answer_once(desk: PaperDesk) -> None:
    report = made(desk, "volumes")
    counted = {key: total(report, key) for key in ("mails", "requisitions", "orders", "responses")}
    assert counted == {"mails": 4, "requisitions": 1, "orders": 1, "responses": 1}
    assert len(report.rows) == 30


def test_an_order_without_any_exception_is_touchless_and_a_held_mail_is_no_first_pass(desk: PaperDesk) -> None:
    report = made(desk, "touchless")
    assert [value for value in column(report, "touchless") if value is not None] == [Decimal("100.0")]
    assert total(report, "orders") == 1


def test_the_first_answer_of_a_supplier_is_timed_from_the_order(desk: PaperDesk) -> None:
    report = made(desk, "cycle-times")
    (answered,) = [value for value in column(report, "to_answer") if value is not None]
    assert Decimal(5) <= Decimal(str(answered)) < Decimal(8)


def test_exceptions_are_counted_under_their_reason_and_their_sender(desk: PaperDesk) -> None:
    assert "UNKNOWN_SENDER" in column(made(desk, "exceptions"), "code")
    assert "stranger@elsewhere.example" in column(made(desk, "exception-senders"), "sender")


def test_what_is_cleared_after_its_time_counts_as_missed_and_what_waits_as_open(desk: PaperDesk) -> None:
    report = made(desk, "service-levels")
    assert (total(report, "open"), total(report, "kept"), total(report, "missed")) == (1, 0, 0)
    with desk.rows() as session:
        (item,) = desk.held(session)
        resolve(session, item, "ann", "done")
        item.due_by = utc_now() - timedelta(hours=3)
    report = made(desk, "service-levels")
    assert (total(report, "open"), total(report, "missed")) == (0, 1)
    assert column(report, "late_by") == [Decimal("3.0")]
    with desk.rows() as session:
        session.execute(update(ExceptionItem).values(due_by=utc_now() + timedelta(hours=3)))
    assert column(made(desk, "service-levels"), "share") == [Decimal("100.0")]


def test_acknowledgement_is_told_by_supplier(desk: PaperDesk) -> None:
    report = made(desk, "acknowledgement")
    assert column(report, "answered") == [Decimal("100.0")]
    assert column(report, "accepted") == [Decimal("100.0")]


@pytest.mark.parametrize("dimension", ["supplier", "category", "cost-center", "contract"])
def test_spend_adds_up_to_what_was_ordered_in_every_dimension(desk: PaperDesk, dimension: str) -> None:
    report = made(desk, f"spend-{dimension}")
    assert column(report, "amount") == [Decimal("80.00")]
    assert column(report, "share") == [Decimal("100.0")]


@pytest.mark.parametrize(("how", "outside"), [(None, "0.0"), ("off_catalog", "100.0"), ("off_contract", "100.0")])
@pytest.mark.parametrize("dimension", ["supplier", "cost-center", "requester"])
def test_what_is_bought_outside_the_rules_is_told(
    desk: PaperDesk, dimension: str, how: str | None, outside: str
) -> None:
    with desk.rows() as session:
        session.execute(update(RequisitionLine).values(maverick=how))
    report = made(desk, f"maverick-{dimension}")
    assert column(report, "amount") == [Decimal("80.00")]
    assert column(report, "share") == [Decimal(outside)]
    assert {column(report, kind)[0] for kind in ("off_catalog", "off_contract") if kind != how} == {Decimal("0.00")}


def test_what_was_not_approved_counts_as_bought_by_nobody(desk: PaperDesk) -> None:
    with desk.rows() as session:
        session.execute(update(Requisition).values(state="pending_approval"))
    assert made(desk, "maverick-supplier").rows == ()


def test_approvals_are_told_by_person(desk: PaperDesk) -> None:
    report = made(desk, "approvals")
    assert total(report, "asked") == total(report, "approved") == 1


def test_every_report_says_the_same_on_every_database(desk: PaperDesk, database: Database, blobs: Blobs) -> None:
    other = with_orders(database, blobs)
    for name in REPORTS:
        if name not in ("cycle-times", "approvals", "acknowledgement"):  # which hold moments
            assert made(other, name) == made(desk, name), name
        assert len(made(other, name).rows) == len(made(desk, name).rows), name


def test_nothing_of_another_organisation_is_in_a_report(desk: PaperDesk) -> None:
    other = PaperDesk(desk.database, desk.blobs, slug="south")
    for name in REPORTS:
        report = made(other, name)
        counts = [place for place, one in enumerate(report.columns) if one.kind == "count"]
        assert not any(row[place] for row in report.rows for place in counts), name


def test_a_period_counts_by_day_by_week_and_by_month_as_it_grows() -> None:
    zone = ZoneInfo("Europe/Berlin")
    assert len(Period(date(2026, 3, 1), date(2026, 3, 31), zone).buckets()) == 31
    weeks = Period(date(2026, 3, 2), date(2026, 5, 31), zone).buckets()
    assert weeks[0] == date(2026, 3, 2) and all(day.weekday() == 0 for day in weeks)
    months = Period(date(2026, 1, 1), date(2026, 12, 31), zone).buckets()
    assert months == [date(2026, month, 1) for month in range(1, 13)]


def test_a_day_is_the_organisation_s_own_also_where_the_clock_changes() -> None:
    period = Period(date(2026, 3, 29), date(2026, 3, 29), ZoneInfo("Europe/Berlin"))
    assert period.ends - period.begins == timedelta(hours=23)
    assert period.day(datetime(2026, 3, 28, 23, 30, tzinfo=UTC)) == date(2026, 3, 29)


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(PeriodError, match="before it begins"):
        Period(date(2026, 3, 2), date(2026, 3, 1), ZoneInfo("UTC"))


def test_a_share_of_nothing_and_a_median_of_nothing_are_left_open() -> None:
    assert share(0, 0) is None
    assert hours([]) is None
    assert hours([timedelta(hours=1), timedelta(hours=2), timedelta(hours=9)]) == Decimal("2.0")


HOSTILE = Report(
    name="x",
    title="A title",
    question="?",
    columns=(Column("supplier", "Supplier"), Column("amount", "Net amount", "money")),
    rows=(("=HYPERLINK(1)", Decimal("12.50")), ("<script>alert(1)</script>\x00", Decimal("3"))),
    chart=("amount",),
)


def test_a_formula_in_a_name_is_a_text_in_every_file() -> None:
    assert as_csv(HOSTILE).splitlines()[1] == b"'=HYPERLINK(1),12.50"
    sheet = load_workbook(io.BytesIO(as_xlsx(HOSTILE))).active
    assert sheet is not None
    assert [cell.data_type for cell in sheet[2]] == ["s", "n"]
    assert as_json(HOSTILE)["rows"][0] == {"supplier": "=HYPERLINK(1)", "amount": "12.50"}  # type: ignore[index]


def test_a_chart_holds_names_as_text_and_neither_script_nor_style() -> None:
    drawn = chart(HOSTILE)
    assert drawn is not None
    picture = etree.fromstring(drawn)
    assert {etree.QName(one).localname for one in picture.iter()} == {"svg", "text", "rect"}
    assert not picture.xpath("//@style | //@*[starts-with(name(), 'on')]")


def test_a_chart_over_time_draws_each_series_and_leaves_gaps_open(desk: PaperDesk) -> None:
    drawn = chart(made(desk, "volumes"))
    assert drawn is not None and drawn.count("<polyline") == 3
    assert chart(Report("x", "t", "?", HOSTILE.columns, (), chart=("amount",))) is None
