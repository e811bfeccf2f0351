"""Units: the words that people write for them, as codes of UN/ECE Recommendation 20.

The words are data (units.toml). What is not listed stays unknown: no code is guessed.
"""

import functools
import tomllib
import unicodedata
from collections import Counter
from pathlib import Path

_WORDS = Path(__file__).with_name("units.toml")
_PACKAGES = Path(__file__).with_name("units_standard.toml")
MUTUALLY_DEFINED = "ZZ"  # UN/ECE Recommendation 20: what both sides agreed on, told in words
_COUNTED = frozenset({"H87", "C62", "EA"})  # piece, one, each: different codes for the same single thing
_OTHER_CODES = {"PCE": "H87", "PCS": "H87", "NMP": "PK", "NPR": "PR", "XBX": "BX", "XPK": "PK", "XRO": "RO"}
_OTHER_CODES |= {"XBG": "BG", "XBO": "BO", "XCA": "CA", "XCI": "CI", "XCT": "CT", "XPF": "PF", "XTU": "TU"}
_OTHER_CODES |= {
    "XPA": "PK",
    "PA": "PK",
    "XSH": "SH",
    "XST": "ST",
    "XRM": "RM",
    "CS": "CS",
    "XCS": "CS",
    "XBL": "BL",
    "XPX": "PF",
}


def unit_code(text: str | None) -> str | None:
    """Return the code of a unit word or code; None where it is not known.

    >>> unit_code("Stück"), unit_code("LTR"), unit_code("Hrs."), unit_code("bushel")
    ('H87', 'LTR', 'HUR', None)
    """
    if not text:
        return None
    return _codes().get(_folded(text))


def standard_unit_code(text: str | None) -> str | None:
    """Return the unit's code as UN/ECE Recommendation 20 writes it in documents; None where it is not known.

    >>> standard_unit_code("Stück"), standard_unit_code("box"), standard_unit_code("bushel")
    ('H87', 'XBX', None)
    """
    code = unit_code(text)
    return None if code is None else _packages().get(code, code)


def same_unit(left: str | None, right: str | None) -> bool | None:
    """Return whether two units are the same; None where that cannot be known.

    Piece, one and each are the same. Two unknown words are the same when they are spelled alike.

    >>> same_unit("pcs", "each"), same_unit("kg", "box"), same_unit("kg", "bushel")
    (True, False, None)
    """
    if not left or not right:
        return None
    if _folded(left) == _folded(right):
        return True
    codes = {unit_code(left), unit_code(right)}
    if None in codes:
        return None
    return len(codes) == 1 or codes <= _COUNTED


@functools.cache
def _packages() -> dict[str, str]:
    return tomllib.loads(_PACKAGES.read_text(encoding="utf-8"))


@functools.cache
def _codes() -> dict[str, str]:
    table = tomllib.loads(_WORDS.read_text(encoding="utf-8"))
    pairs = {(_folded(word), code) for code, words in table.items() for word in words.split()}
    meanings = Counter(word for word, _ in pairs)
    codes = {word: code for word, code in pairs if meanings[word] == 1}
    own = {_folded(code): code for code in table}
    codes = {word: code for word, code in codes.items() if own.get(word, code) == code}
    own = {word: code for word, code in own.items() if meanings[word] == 0 or word in codes}
    return codes | own | {_folded(other): code for other, code in _OTHER_CODES.items()}


def _folded(text: str) -> str:
    flat = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in flat if char.isalnum() and not unicodedata.combining(char))
