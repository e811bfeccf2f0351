"""What a document is: its title, else what its number is called."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from parsers.fields_labels import Hit, is_label, label_of, segments, unspaced
from parsers.lexicon import OWNERS, column_role, ends_in_number_word, kinds, load, normalise
from parsers.page import Row
from parsers.reading import Kind

NUMBER_FIELDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.INVOICE: ("invoice_number", "document_number"),
    Kind.CREDIT_NOTE: ("credit_number", "invoice_number", "document_number"),
    Kind.ORDER_RESPONSE: ("response_number", "document_number"),
    Kind.QUOTATION: ("quotation_number", "document_number"),
    Kind.DELIVERY_NOTE: ("delivery_number", "document_number"),
    Kind.DESPATCH_ADVICE: ("delivery_number", "document_number"),
    Kind.REQUISITION: ("requisition_number", "document_number"),
    Kind.ORDER: ("order_number", "document_number"),
    Kind.STATEMENT: ("document_number",),
}
_TITLE_ROWS = 45
_MOST_LABELS = 3  # labels beside a title on its line


def document_kind(rows: Sequence[Row], hits: Sequence[Hit] = ()) -> Kind:
    """Return what a document calls itself: its largest and earliest title, else what its number is called."""
    best: tuple[float, str] = (0.0, "")
    for n, row in enumerate(rows[:_TITLE_ROWS]):
        labels = sum(1 for cell in row.cells if is_label(cell.text) or column_role(cell.text))
        headed = {h.label for h in hits if h.row == n and h.place == "below" and any(map(str.isdigit, h.text))}
        valued = [_awaits_value(cell.text) for cell in row.cells]
        for place, cell in enumerate(row.cells):
            if place and valued[place - 1]:
                continue  # the value of a label
            heads = labels > 1 and cell.text.strip(" :") in headed
            among = 0.4 if labels > _MOST_LABELS or heads else 1.0  # a label among labels is no title
            height = min(max(cell.box[3] - cell.box[1], 4.0), 30.0)
            for later, piece in enumerate(segments(cell.text)[:3]):
                kind, weight = title_of(piece)
                if kind:
                    best = max(best, (among * height * weight * 0.985**n * 0.9**later, kind))
    if best[1]:
        return Kind(best[1])
    for kind_, names in NUMBER_FIELDS.items():
        if any(hit.field == names[0] for hit in hits) and names[0] != "order_number":
            return kind_
    return Kind.ORDER if any(hit.field == "order_number" for hit in hits) else Kind.OTHER


def _awaits_value(text: str) -> bool:
    """Return whether ``text`` is a label whose value stands to its right, as a party's does not."""
    names = label_of(text)
    return text.rstrip().endswith(":") and not (names and {"buyer", "supplier", "ship_to"} & set(names[0]))


def _numbers(word: str) -> bool:
    return any(map(str.isdigit, word)) or ends_in_number_word(word)


@lru_cache(maxsize=20_000)
def title_of(text: str) -> tuple[str, float]:
    """Return the kind that ``text`` names at its head, "" if none, and how much it looks like a title."""
    words = normalise(unspaced(text)).split()
    for length in range(min(len(words), 5), 0, -1):
        kind = kinds().get(" ".join(words[:length]))
        if not kind:
            continue
        rest = words[length:]
        if len(words[0]) < 4 and length == 1 and rest and not _numbers(rest[0]):
            continue
        if rest and kind == Kind.STATEMENT:
            return "", 0.0
        if not rest:
            return kind, 1.6
        if ends_in_number_word(" ".join(rest)) and len(rest) == 1:
            return kind, 1.2
        numbered = any(any(map(str.isdigit, w)) for w in rest[:3])
        return kind, 1.3 if numbered and len(rest) < 8 else 0.5 if len(rest) < 3 else 0.2
    if words and words[0] in OWNERS:
        return "", 0.0
    for kind, ends in load("notes")["title_ends"].items():
        if words and len(words) < 8 and words[0].endswith(tuple(ends)) and text[:1].isupper():
            return kind, 0.8
    last = kinds().get(" ".join(words[-2:])) or kinds().get(" ".join(words[-1:])) if 1 < len(words) < 6 else None
    return (last, 0.6) if last else ("", 0.0)
