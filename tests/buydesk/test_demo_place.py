"""The demo's folder: it starts afresh in its own and touches no other."""

from pathlib import Path

import pytest

from buydesk.demo.place import MARKER, prepare
from buydesk.demo.show import run_demo
from web.desk.refused import CommandError


def test_a_folder_that_the_demo_did_not_make_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "precious.txt").write_text("mine")
    with pytest.raises(CommandError, match="was not made by the demo"):
        run_demo(tmp_path)
    assert (tmp_path / "data" / "precious.txt").read_text() == "mine"
    assert not (tmp_path / MARKER).exists()


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("x")
    with pytest.raises(CommandError, match="is a file"):
        prepare(tmp_path / "demo")


def test_a_new_or_empty_folder_is_taken(tmp_path: Path) -> None:
    assert not prepare(tmp_path / "new" / "demo").cleared
    assert prepare(tmp_path / "new" / "demo").orders.is_dir()


def test_a_second_run_removes_what_the_first_left_and_nothing_else(tmp_path: Path) -> None:
    place = prepare(tmp_path)
    (place.home / "buydesk.db").write_text("old")
    (place.orders / "PO-1.pdf").write_text("old")
    (tmp_path / "notes.txt").write_text("mine")
    again = prepare(tmp_path)
    assert again.cleared
    assert not list(again.home.iterdir()) and not list(again.orders.iterdir())
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_link_among_its_data_is_removed_without_what_it_points_at(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious.txt").write_text("mine")
    place = prepare(tmp_path / "demo")
    place.orders.rmdir()
    place.orders.symlink_to(elsewhere)
    assert not prepare(tmp_path / "demo").orders.is_symlink()
    assert (elsewhere / "precious.txt").read_text() == "mine"
