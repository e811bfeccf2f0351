"""A synthetic catalog and lines as people would write them for its items, from one seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from procurement.folder_data import CatalogData

_THINGS = (
    "Sechskantschraube|M{m}x{mm} verzinkt DIN {din}|Packung",
    "Zylinderschraube|Innensechskant M{m} x {mm} A2 DIN {din}|Packung",
    "Unterlegscheibe|M{m} Edelstahl A2, {n} Stück|Packung",
    "Kopierpapier|A{a}, {g} g/m², {color}, {n} Blatt|Packung",
    "Toner|{brand} {model} {color}|Stück",
    "Druckerpatrone|{brand} {model} {color} {ml} ml|Stück",
    "Universalreiniger|{brand} {l} l Kanister|Kanister",
    "Allzweckreiniger Konzentrat|{brand} {l} l|Flasche",
    "Nitril gloves|powder free {color} size {size}, box of {n}|box",
    "Safety boots|S3 {brand} size {eu}|pair",
    "Ballpoint pen|{brand} {color} {mm} mm|each",
    "Network cable|Cat {cat} S/FTP {m} m {color}|each",
    "Drill bit|HSS-Co {mm} mm {brand}|each",
    "Hydraulic hose|DN {mm} {bar} bar {m} m|each",
    "Vis à tête hexagonale|M{m} x {mm} inox A4|boîte",
    "Peinture acrylique|{brand} {color} {l} l|pot",
    "Câble électrique|3G{mm} {m} m {color}|rouleau",
    "Gants de travail|cuir {color} taille {size}|paire",
    "Rodamiento de bolas|{model} {brand}|unidad",
    "Cinta adhesiva|{mm} mm x {m} m {color}|rollo",
    "Guanti in lattice|{color} taglia {size}, {n} pezzi|scatola",
    "Olio idraulico|ISO VG {iso} {l} litri {brand}|fusto",
    "Kabelbinder|{mm} x {din} mm {color}, {n} Stk|Beutel",
    "Akkuschrauber|{brand} {v} V {ah} Ah|Stück",
    "LED-Leuchtmittel|{brand} E27 {w} W {k} K|Stück",
    "Ordner|A{a} {color} Rückenbreite {mm} mm {brand}|Stück",
)
_CHOICES: dict[str, tuple[str, ...]] = {
    "m": ("3", "4", "5", "6", "8", "10", "12", "16", "20"),
    "mm": ("10", "12", "16", "20", "25", "30", "35", "40", "50", "60", "80", "100"),
    "din": ("125", "200", "300", "912", "931", "933", "985"),
    "n": ("50", "100", "200", "250", "500", "1000"),
    "a": ("3", "4", "5"),
    "g": ("70", "80", "90", "100", "120", "160"),
    "l": ("0.5", "0.75", "1", "2.5", "5", "10", "20"),
    "ml": ("15", "20", "40", "80"),
    "bar": ("160", "210", "250", "350"),
    "cat": ("5e", "6", "6A", "7"),
    "size": ("S", "M", "L", "XL", "XXL"),
    "eu": tuple(str(n) for n in range(36, 49)),
    "iso": ("22", "32", "46", "68"),
    "v": ("12", "18", "36"),
    "ah": ("2.0", "4.0", "5.0"),
    "w": ("4", "7", "9", "11", "15"),
    "k": ("2700", "3000", "4000", "6500"),
}
_COLORS = ("schwarz", "weiß", "blau", "rot", "grün", "black", "white", "blue", "red", "noir", "bleu", "nero", "azul")
_BRANDS = tuple(
    f"{a}{b}" for a in ("Nor", "Tek", "Lum", "Vas", "Kor", "Bre", "Sol", "Fen") for b in ("dal", "ium", "ex")
)
_ABBREVIATIONS = (("Stück", "Stk"), ("Packung", "Pck"), (" x ", "x"), ("weiß", "weiss"), ("g/m²", "g"), (" mm", "mm"))


@dataclass(frozen=True)
class Line:
    """What somebody writes, and the item that is meant; None where it is not in the catalog."""

    text: str
    item_number: str | None


def catalog(size: int, seed: int = 7) -> list[CatalogData]:
    """Return ``size`` different items."""
    dice = random.Random(seed)
    seen: dict[str, str] = {}
    while len(seen) < size:
        description, unit = _description(dice, wide=len(seen) > 20_000)
        seen.setdefault(description, unit)
    return [_item(number, description, unit) for number, (description, unit) in enumerate(seen.items())]


def lines(items: list[CatalogData], count: int, seed: int = 8) -> Iterator[Line]:
    """Yield lines of which four in five mean an item; of the others one value differs from any item."""
    dice = random.Random(seed)
    known = {item.description for item in items}
    for number in range(count):
        item = dice.choice(items)
        if number % 5:
            yield Line(_written(dice, item.description), item.item_number)
            continue
        description = item.description
        while description in known:
            description, _ = _description(dice, wide=False)
        yield Line(_written(dice, description), None)


def _description(dice: random.Random, wide: bool) -> tuple[str, str]:
    name, pattern, unit = dice.choice(_THINGS).split("|")
    values = {key: dice.choice(options) for key, options in _CHOICES.items()}
    model = f"{dice.choice('ABCDEHKTX')}{dice.choice('LNPR')}-{dice.randint(100, 99999 if wide else 999)}"
    series = f" {dice.choice(_BRANDS)} {dice.randint(1, 99)}" if wide else ""
    text = pattern.format(**values, model=model, color=dice.choice(_COLORS), brand=dice.choice(_BRANDS))
    return f"{name} {text}{series}", unit


def _item(number: int, description: str, unit: str) -> CatalogData:
    return CatalogData(
        item_number=f"IT-{number:06d}",
        supplier=f"S{number % 40:02d}",
        supplier_item_number=f"{number * 7919 % 1_000_003:07d}-{number % 97}",
        description=description,
        category="goods",
        unit=unit,
        unit_price=Decimal("9.90"),
        currency="EUR",
        tax_rate=None,
        contract=None,
        valid_from=None,
        valid_until=None,
        minimum_quantity=None,
    )


def _written(dice: random.Random, description: str) -> str:
    """Return the description as somebody in a hurry writes it."""
    text = description
    for whole, short in _ABBREVIATIONS:
        if dice.random() < 0.4:
            text = text.replace(whole, short)
    if dice.random() < 0.3:
        text = text.replace(".", ",")
    parts = text.replace(", ", " ").split()
    if dice.random() < 0.3:
        dice.shuffle(parts)
    if dice.random() < 0.35:
        spot = dice.randrange(len(parts))
        parts[spot] = _misspelled(dice, parts[spot])
    if len(parts) > 4 and dice.random() < 0.2:
        words = [place for place, part in enumerate(parts) if part.isalpha() and len(part) > 3]
        if words:
            parts.pop(dice.choice(words))
    said = " ".join(parts)
    return dice.choice((said, said, said.lower(), f"bitte {said}", said.upper()))


def _misspelled(dice: random.Random, word: str) -> str:
    if not word.isalpha() or len(word) < 5:
        return word
    spot = dice.randrange(1, len(word) - 1)
    return dice.choice((word[:spot] + word[spot + 1 :], word[:spot] + word[spot] + word[spot:]))
