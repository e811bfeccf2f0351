"""Where an answer's lines were told: the statements and values of each line, found again in the author's text."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from parsers.prose_stated import Said, What
from parsers.reading import Evidence

_FIELDS = {What.PRICE: "unit_price", What.QUANTITY: "quantity", What.DATE: "promised_on"}
LONGEST = 20_000  # characters of a text in which statements are found again


@dataclass
class Sources:
    """The statements that told something of each line (by key), with the values that they gave it."""

    told: dict[str, list[tuple[str, tuple[Said, ...]]]] = field(default_factory=dict)

    def note(self, keys: Sequence[str], statement: str, values: Sequence[Said]) -> None:
        """Remember that ``statement`` spoke of the lines ``keys`` and told them ``values``."""
        for key in dict.fromkeys(keys):
            self.told.setdefault(key, []).append((statement, tuple(values)))

    def evidence(self, text: str, keys: Sequence[str], general: str) -> dict[str, Evidence]:
        """Return where the lines ``keys``, in their order, were told in ``text``.

        A line that nothing was said of by itself was told with the whole (``general``).
        """
        found: dict[str, Evidence] = {}
        for index, key in enumerate(keys):
            said = [*self.told.get(key, ()), *self.told.get(general, ())]
            found |= _of_line(text[:LONGEST], f"/lines/{index}", said)
        return found


def _of_line(text: str, at: str, said: Sequence[tuple[str, tuple[Said, ...]]]) -> Mapping[str, Evidence]:
    found: dict[str, Evidence] = {}
    for statement, values in said:
        span = _place(text, statement, (0, len(text)))
        if span is None:
            continue
        found.setdefault(at, Evidence(text[slice(*span)], span=span))
        for value in values:
            name = _FIELDS.get(value.what)
            where = _place(text, value.text, span)
            if name and where:
                found.setdefault(f"{at}/{name}", Evidence(text[slice(*where)], span=where))
    return found


def _place(text: str, wanted: str, within: tuple[int, int]) -> tuple[int, int] | None:
    """Return where ``wanted`` stands in ``text``, whose lines may be broken elsewhere."""
    words = wanted.split()
    if not words:
        return None
    found = re.compile(r"\s+".join(map(re.escape, words))).search(text, *within)
    return found.span() if found else None
