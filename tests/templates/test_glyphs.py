from templates.glyphs import FONTS, MARK, printable, uncovered
from templates.plain import cleaned, without_controls


def test_only_visible_characters_without_a_glyph_are_reported() -> None:
    assert uncovered("Größe 5 µm ≤ ½ Łódź Ελλ Кир ₹ \u200b\u202e\n") == frozenset()
    assert uncovered("a 数 b 量") == {"数", "量"}


def test_missing_glyphs_become_a_mark_and_invisible_characters_disappear() -> None:
    assert printable("数\u202e\u200d\ufe0f\u00adx\r\n\ty\ud800") == f"{MARK}x \n y"


def test_a_composed_letter_needs_no_combining_glyph() -> None:
    assert printable("Gro\u0308ße") == "Größe"


def test_no_break_spaces_stay_and_other_blanks_become_plain() -> None:
    assert printable("1\u00a0000\u202f€\u3000x") == "1\u00a0000 € x"


def test_words_of_200_characters_stay_whole_and_longer_ones_may_break() -> None:
    assert printable("x" * 200) == "x" * 200
    assert printable("x" * 201).count("\u200b") == 6
    assert printable("x" * 201).replace("\u200b", "") == "x" * 201


def test_each_font_has_its_licence_beside_it() -> None:
    names = {path.name for path in FONTS.iterdir()}
    assert {"LICENSE-Noto.txt", "LICENSE-DejaVu.txt", "fonts.conf"} <= names
    assert all(name.startswith(("Noto", "DejaVu")) for name in names if name.endswith(".ttf"))


def test_cleaned_text_is_one_line_and_without_controls_keeps_its_lines() -> None:
    assert cleaned(" a\r\nb\u0000\u202ec ") == "a b c"
    assert without_controls("a\r\nb\u0000\u202ec") == "a\nbc"
