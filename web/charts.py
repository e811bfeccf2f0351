"""Charts as SVG, made here: lines over time, bars over names. No script, no style attribute, colours by class."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from lxml import etree

from web.desk.reports.figures import Column, Report, Value

WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 48, 12, 28, 28
BAR, LABEL = 24, 200
MOST_BARS = 15
LONGEST_LABEL = 30  # characters
_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


def chart(report: Report) -> str | None:
    """Return the chart of a report as an SVG element; None where there is nothing to draw."""
    drawn = [(index, column) for index, column in enumerate(report.columns) if column.key in report.chart]
    if not drawn or not any(_number(row[index]) for row in report.rows for index, _ in drawn):
        return None
    picture = _lines(report, drawn) if report.columns[0].kind == "day" else _bars(report, *drawn[0])
    return etree.tostring(picture, encoding="unicode")


def _lines(report: Report, drawn: Sequence[tuple[int, Column]]) -> etree._Element:
    picture = _picture(report, HEIGHT)
    top = _round_up(max(_number(row[index]) for row in report.rows for index, _ in drawn))
    _scale(picture, top)
    across = (WIDTH - LEFT - RIGHT) / max(1, len(report.rows) - 1)
    for place, (index, column) in enumerate(drawn):
        points = [
            (LEFT + across * number, _height(Decimal(str(row[index])), top))
            for number, row in enumerate(report.rows)
            if row[index] is not None
        ]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        _add(picture, "polyline", points=line, attrs={"class": f"line series-{place}"})
        for x, y in points if len(points) <= 40 else ():
            _add(picture, "circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r="2.5", attrs={"class": f"dot series-{place}"})
        _text(picture, column.heading, LEFT + 190 * place + 16, 14, "legend")
        _add(picture, "circle", cx=str(LEFT + 190 * place + 6), cy="10", r="4", attrs={"class": f"dot series-{place}"})
    for number in _some(len(report.rows), 8):
        anchor = "end" if number == len(report.rows) - 1 and number else "middle" if number else "start"
        _text(picture, _day(report.rows[number][0]), LEFT + across * number, HEIGHT - 8, f"tick {anchor}")
    return picture


def _bars(report: Report, index: int, column: Column) -> etree._Element:
    rows = report.rows[:MOST_BARS]
    picture = _picture(report, TOP + BAR * len(rows) + 8)
    longest = max(_number(row[index]) for row in rows) or Decimal(1)
    _text(picture, column.heading, LABEL, 14, "legend")
    for number, row in enumerate(rows):
        y = TOP + BAR * number
        value = _number(row[index])
        length = float(value / longest) * (WIDTH - LABEL - 110)
        _text(picture, _short(str(row[0])), LABEL - 8, y + 15, "tick end")
        _add(
            picture,
            "rect",
            x=str(LABEL),
            y=str(y + 3),
            width=f"{max(length, 1):.1f}",
            height=str(BAR - 8),
            attrs={"class": "bar series-0"},
        )
        _text(picture, _shown(row[index], column), LABEL + length + 6, y + 15, "tick")
    return picture


def _picture(report: Report, height: int) -> etree._Element:
    return etree.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {WIDTH} {height}",
            "class": "chart",
            "role": "img",
            "aria-label": f"{report.title}: the table below holds the same figures",
        },
    )


def _scale(picture: etree._Element, top: Decimal) -> None:
    for part in range(5):
        value = top * part / 4
        y = _height(value, top)
        ends = {"x1": str(LEFT), "x2": str(WIDTH - RIGHT), "y1": f"{y:.1f}", "y2": f"{y:.1f}"}
        _add(picture, "line", attrs={"class": "grid", **ends})
        _text(picture, format(value.normalize(), "f"), LEFT - 6, y + 4, "tick end")


def _height(value: Decimal, top: Decimal) -> float:
    return HEIGHT - BOTTOM - float(value / top) * (HEIGHT - TOP - BOTTOM)


def _round_up(value: Decimal) -> Decimal:
    if value <= 4:
        return Decimal(4)
    power = Decimal(10) ** value.adjusted()
    return next(step * power for step in _STEPS if step * power >= value)


def _add(picture: etree._Element, name: str, attrs: dict[str, str], **values: str) -> etree._Element:
    return etree.SubElement(picture, name, {**attrs, **values})


def _text(picture: etree._Element, words: str, x: float, y: float, kind: str) -> None:
    _add(picture, "text", {"class": kind, "x": f"{x:.1f}", "y": f"{y:.1f}"}).text = _clean(words)


def _clean(words: str) -> str:
    return "".join(one for one in words if one.isprintable())


def _some(count: int, most: int) -> list[int]:
    step = max(1, -(-(count - 1) // (most - 1))) if count > 1 else 1
    return list(range(0, count, step))


def _short(words: str) -> str:
    return words if len(words) <= LONGEST_LABEL else words[: LONGEST_LABEL - 1] + "…"


def _day(value: Value) -> str:
    return f"{value.day} {value:%b}" if isinstance(value, date) else str(value)


def _number(value: Value) -> Decimal:
    return Decimal(value) if isinstance(value, int | Decimal) else Decimal()


def _shown(value: Value, column: Column) -> str:
    if value is None:
        return ""
    return {"money": f"{value:,}", "percent": f"{value} %", "hours": f"{value} h"}.get(column.kind, str(value))
