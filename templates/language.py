"""How figures, dates, units and countries read in each language, and the words that go with them.

Words are data: one TOML file a language. Numbers and dates are Babel's.
"""

import datetime
import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

HERE = Path(__file__).parent
LOCALES = {
    "en": "en_GB",
    "de": "de_DE",
    "fr": "fr_FR",
    "es": "es_ES",
    "it": "it_IT",
    "nl": "nl_NL",
    "pt": "pt_PT",
    "pl": "pl_PL",
}
FALLBACK = "en"

PRICE_PATTERN = "#,##0.00####"
AMOUNT_PATTERN = "#,##0.00"
QUANTITY_PATTERN = "#,##0.######"


def supported(language: str) -> str:
    """Return the language of ours that serves ``language`` (``de-AT`` is ``de``), English if none does."""
    return written_language(language) or FALLBACK


def written_language(language: str | None) -> str | None:
    """Return the language of ours that ``language`` is, None where it is none of ours or not known."""
    code = (language or "").replace("_", "-").split("-")[0].lower()
    return code if code in LOCALES else None


@cache
def words(folder: str, language: str) -> dict[str, Any]:
    """Return the words of ``templates/<folder>/<language>.toml``."""
    return tomllib.loads((HERE / folder / f"{language}.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Language:
    """One supported language with its formats; ``code`` is one of LOCALES."""

    code: str

    @property
    def locale(self) -> Locale:
        """Return Babel's locale."""
        return _locale(self.code)

    def amount(self, value: Decimal) -> str:
        """Return a total with two decimals: ``1.234,50``."""
        return _number(value, AMOUNT_PATTERN, self.code)

    def price(self, value: Decimal) -> str:
        """Return a unit price with two to six decimals: nothing that counts is rounded away."""
        return _number(value, PRICE_PATTERN, self.code)

    def quantity(self, value: Decimal) -> str:
        """Return a quantity without useless zeros."""
        return _number(value, QUANTITY_PATTERN, self.code)

    def percent(self, fraction: Decimal) -> str:
        """Return a fraction as a percentage: 0.19 is ``19 %``."""
        shown = _number(fraction * 100, QUANTITY_PATTERN, self.code)
        return f"{shown}%" if self.code == "en" else f"{shown}\u00a0%"

    def date(self, day: datetime.date) -> str:
        """Return a date with the month in letters: ``4 March 2026``."""
        return format_date(day, "long", locale=self.locale)

    def short_date(self, day: datetime.date) -> str:
        """Return a date for a narrow column, the month in letters where 4/5 could be read two ways."""
        return format_date(day, "d MMM y" if self.code != "de" else "dd.MM.y", locale=self.locale)

    def unit(self, unit: str) -> str:
        """Return the word for a UN/ECE Rec 20 code; other units are printed as the buyer wrote them."""
        units: dict[str, str] = words("units", self.code)
        return units.get(unit, unit)

    def country(self, code: str) -> str:
        """Return the name of an ISO 3166-1 country, or the code itself if there is no such country."""
        return str(self.locale.territories.get(code.upper(), code))

    def changed(self, field: str, value: object) -> str:
        """Return one side of a change of ``field``: a figure, date or text; None is a dash."""
        if isinstance(value, Decimal):
            shown = {"quantity": self.quantity, "tax_rate": self.percent}.get(field, self.price)
            return shown(value)
        if isinstance(value, datetime.date):
            return self.short_date(value)
        if field == "unit" and isinstance(value, str):
            return self.unit(value)
        return "–" if value is None else str(value)


@cache
def _locale(code: str) -> Locale:
    return Locale.parse(LOCALES[code])


def _number(value: Decimal, pattern: str, code: str) -> str:
    shown: str = format_decimal(value, format=pattern, locale=_locale(code), decimal_quantization=False)
    return shown.replace("\u202f", "\u00a0")
