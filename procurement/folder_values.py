"""Readers of single values: text in, value out; a wrong text raises ValueError that says what is wrong.

Each message continues the sentence "<column> <value> ...", e.g. "is not a date; write 2026-07-14".
"""

import difflib
import functools
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from zoneinfo import available_timezones

from babel.core import Locale, UnknownLocaleError, get_global
from stdnum import get_cc_module
from stdnum.eu import vat
from stdnum.exceptions import ValidationError

from procurement.bank import is_iban, is_masked

_DECIMAL = re.compile(r"-?\d+(\.\d+)?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|::1")
_LOCAL_PART = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ACCENT = re.compile(r"#[0-9a-fA-F]{6}")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}?|\}")
_PLACEHOLDERS = re.compile(r"\{year\}|\{number(:0[1-9]d)?\}")
_ORDER_NUMBER = re.compile(r"[A-Za-z0-9./_-]*")
_WORDS_FOR_CURRENCIES = {
    "€": "EUR",
    "EURO": "EUR",
    "EUROS": "EUR",
    "$": "USD",
    "£": "GBP",
    "POUND": "GBP",
    "DOLLAR": "USD",
}


def decimal(text: str) -> Decimal:
    """Return an exact decimal; the point is the decimal sign and there is no thousands separator."""
    if _DECIMAL.fullmatch(text):
        return Decimal(text)
    if "," in text:
        raise ValueError("has a comma; write a decimal point and no thousands separator, as in 1234.50")
    raise ValueError("is not a number; write it as in 1234.50")


def amount(text: str) -> Decimal:
    """Return a decimal that is not negative."""
    value = decimal(text)
    if value < 0:
        raise ValueError("is negative")
    return value


def quantity(text: str) -> Decimal:
    """Return a decimal above zero."""
    value = decimal(text)
    if value <= 0:
        raise ValueError("is not above zero")
    return value


def percent(text: str) -> Decimal:
    """Return a percentage from 0 to 100."""
    value = decimal(text)
    if not 0 <= value <= 100:
        raise ValueError("is not a percentage between 0 and 100")
    return value


def rate(text: str) -> Decimal:
    """Return a rate that is written in percent as a fraction: "19" is 0.19.

    What is above 0 and below 1 is refused: it is a fraction written by mistake far sooner than a rate.
    """
    value = percent(text)
    if 0 < value < 1:
        raise ValueError(
            f"is below one percent; write {format((value * 100).normalize(), 'f')} if you mean that many percent"
        )
    return value / 100


def day(text: str) -> date:
    """Return a date written as in ISO 8601."""
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError("is not a day of the calendar") from error
    raise ValueError("is not a date; write year-month-day, as in 2026-07-14")


def truth(text: str) -> bool:
    """Return what true, yes, false or no says."""
    told = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(text.casefold())
    if told is None:
        raise ValueError("is neither true nor false")
    return told


def domain(text: str) -> str:
    """Return a mail domain in lower case."""
    lowered = text.lower()
    if not _DOMAIN.fullmatch(lowered):
        raise ValueError("is not a domain; write it as in example.com")
    return lowered


def email(text: str) -> str:
    """Return an address in lower case: one plain address, no display name."""
    local, at, host = text.lower().rpartition("@")
    if not at or not _LOCAL_PART.fullmatch(local) or not _DOMAIN.fullmatch(host) or len(text) > 254:
        raise ValueError("is not an e-mail address; write it as in name@example.com")
    return f"{local}@{host}"


def bank_account(text: str) -> str:
    """Return an IBAN or a national account number, in capitals without blanks; a masked one as it is."""
    if is_masked(text):
        return text
    bare = re.sub(r"[\s.-]", "", text).upper()
    if re.match(r"[A-Z]{2}\d{2}", bare) and not is_iban(bare):
        raise ValueError("is not an IBAN: its check digits are wrong")
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}|\d{6,18}", bare):
        raise ValueError("is neither an IBAN nor an account number of 6 to 18 digits")
    return bare


def currency(text: str) -> str:
    """Return a currency code (ISO 4217)."""
    if text in _currencies():
        return text
    near = _WORDS_FOR_CURRENCIES.get(text.upper()) or (text.upper() if text.upper() in _currencies() else None)
    raise ValueError("is not an ISO 4217 code; write " + (near or "three capital letters, as in EUR"))


def country(text: str) -> str:
    """Return a country code (ISO 3166-1 alpha-2)."""
    if text in _countries():
        return text
    near = next(
        (code for code, name in _countries().items() if text.casefold() in (code.casefold(), name.casefold())),
        None,
    )
    raise ValueError("is not an ISO 3166-1 country code; write " + (near or "two capital letters, as in DE"))


def language(text: str) -> str:
    """Return a language code (ISO 639-1), in lower case."""
    try:
        Locale(text.lower())
    except (UnknownLocaleError, ValueError) as error:
        raise ValueError("is not a language code; write it as in en or de") from error
    return text.lower()


def time_zone(text: str) -> str:
    """Return a name of the time zone database."""
    if text in available_timezones():
        return text
    near = difflib.get_close_matches(text, sorted(available_timezones()), n=1)
    raise ValueError(f"is not a time zone; write {near[0] if near else 'it as in Europe/Berlin'}")


def secret(text: str) -> str:
    """Return a reference to a secret; the message never repeats what may be a password."""
    source, _, name = text.partition(":")
    if source in ("env", "file") and name:
        return text
    raise ValueError("must say where the secret is, as in env:NAME or file:/path, and never the secret itself")


def order_number(text: str) -> str:
    """Return a pattern of order numbers with {number} or {number:05d}, and {year} if wanted."""
    for found in _PLACEHOLDER.findall(text):
        if not _PLACEHOLDERS.fullmatch(found):
            raise ValueError(f"holds {found}; only {{year}}, {{number}} and {{number:05d}} are known")
    if text.count("{number") != 1:
        raise ValueError("must hold {number} once, as in PO-{year}-{number:05d}")
    if not _ORDER_NUMBER.fullmatch(_PLACEHOLDERS.sub("", text)):
        raise ValueError("may hold only letters, digits, '.', '/', '_' and '-' beside its placeholders")
    return text


def tax_number(text: str) -> str:
    """Return a tax number; one that names its country (DE..., CHE...) must have that country's form and check digits.

    What names no country is taken as it is: it may be a number that only the tax office of its town gives out.

    >>> tax_number("DE 811 234 565"), tax_number("26/345/67890")
    ('DE811234565', '26/345/67890')
    """
    number = re.sub(r"[\s.\-/]", "", text.upper())
    check = _tax_check(number[:2])
    if check is None:
        return text
    try:
        check(number)
    except ValidationError as error:
        raise ValueError(f"is no tax number of {number[:2]} ({str(error).rstrip('.').lower()})") from error
    return number


def price_break(text: str) -> tuple[Decimal, Decimal]:
    """Return from which quantity on (inclusive) which price holds, as in 10=4.50."""
    start, sign, price = text.partition("=")
    if not sign:
        raise ValueError("is no price break; write the quantity it holds from and the price, as in 10=4.50")
    return quantity(start.strip()), amount(price.strip())


def short(longest: int) -> Callable[[str], str]:
    """Return a reader of texts that have at most ``longest`` characters."""

    def fit(text: str) -> str:
        if len(text) > longest:
            raise ValueError(f"has more than {longest} characters")
        return text

    return fit


def accent(text: str) -> str:
    """Return a colour written as in #1f4e79."""
    if not _ACCENT.fullmatch(text):
        raise ValueError("is not a colour; write it as in #1f4e79")
    return text


def slug(text: str) -> str:
    """Return a short name of small letters, digits and single hyphens."""
    if not _SLUG.fullmatch(text) or len(text) > 60:
        raise ValueError("may hold only small letters, digits and single hyphens between them")
    return text


def host(text: str) -> str:
    """Return a host name or address."""
    if not _HOST.fullmatch(text):
        raise ValueError("is not a host name")
    return text


def is_loopback(text: str) -> bool:
    """Return whether a host can only be this very machine.

    >>> is_loopback("127.0.0.1"), is_loopback("127.0.0.1.example.com")
    (True, False)
    """
    return text == "localhost" or text == "::1" or bool(re.fullmatch(r"127(\.\d{1,3}){3}", text))


@functools.cache
def _tax_check(prefix: str) -> Callable[[str], object] | None:
    """Return what proves tax numbers that begin with ``prefix``; None where it names no country that we know."""
    if prefix.lower() in {*vat.MEMBER_STATES, "el"}:
        return vat.validate
    module = get_cc_module(prefix.lower(), "vat") if prefix.isalpha() and prefix in _countries() else None
    return module.validate if module else None


@functools.cache
def _currencies() -> frozenset[str]:
    return frozenset(code for code in get_global("all_currencies") if re.fullmatch("[A-Z]{3}", code))


@functools.cache
def _countries() -> dict[str, str]:
    names = Locale("en").territories
    return {
        code: name
        for code, name in names.items()
        if re.fullmatch("[A-Z]{2}", code) and code not in ("EU", "EZ", "QO", "UN", "XA", "XB", "ZZ")
    }
