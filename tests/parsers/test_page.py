from parsers.page import Page, Word, grid_page, rows_of


def page(*words: tuple[str, float, float], rulings: tuple[tuple[float, float, float, float], ...] = ()) -> Page:
    placed = tuple(Word(text, (x, y, x + 5 * len(text), y + 10)) for text, x, y in words)
    return Page(1, 600, 800, placed, rulings)


def texts(shown: Page) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in rows_of(shown)]


def test_words_close_together_share_a_cell_and_wide_gaps_part_cells() -> None:
    shown = page(("Hex", 10, 100), ("bolt", 28, 100), ("12", 200, 100))
    assert texts(shown) == [["Hex bolt", "12"]]


def test_a_ruling_between_two_words_parts_them() -> None:
    shown = page(("Hex", 10, 100), ("bolt", 28, 100), rulings=((26, 90, 26.5, 120),))
    assert texts(shown) == [["Hex", "bolt"]]


def test_words_at_slightly_different_heights_share_a_row() -> None:
    assert texts(page(("a", 10, 100), ("b", 100, 102), ("c", 10, 120))) == [["a", "b"], ["c"]]


def test_a_number_grouped_by_blanks_is_one_word() -> None:
    shown = page(("1", 100, 100), ("234,50", 107, 100), ("3", 10, 100))
    assert texts(shown) == [["3", "1 234,50"]]


def test_cells_of_a_grid_stay_whole_and_empty_ones_are_left_out() -> None:
    assert texts(grid_page([["Item no", "", "Unit price"], ["A 1", "2", "3"]])) == [
        ["Item no", "Unit price"],
        ["A 1", "2", "3"],
    ]
