"""Public holidays by country and region (ISO 3166-2), from the calendars of the library ``holidays``."""

from datetime import date
from functools import cache

import holidays


@cache
def public_holidays(country: str, region: str | None, year: int) -> frozenset[date]:
    """Return the public holidays of a year; none for a country or region without a known calendar."""
    if not is_known(country, region):
        return frozenset()
    return frozenset(holidays.country_holidays(country, subdiv=region, years=year))


@cache
def is_known(country: str, region: str | None) -> bool:
    """Return whether a calendar of the country, and of the region if one is given, is there.

    >>> is_known("DE", "BY"), is_known("DE", "ZZ"), is_known("XX", None)
    (True, False, False)
    """
    regions = holidays.list_supported_countries().get(country)
    return regions is not None and (region is None or region in regions)
