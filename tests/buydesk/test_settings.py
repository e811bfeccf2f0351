"""Settings: from a file, from the environment, from secret files; and each mistake in a clear sentence."""

from pathlib import Path

import pytest

from buydesk.settings import Settings, SettingsError, load_settings
from tests.buydesk.terminal import Terminal


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "buydesk.toml"


def load(file: Path | None = None, **environment: str) -> Settings:
    named = {"BUYDESK_CONFIG": str(file)} if file else {}
    return load_settings(named | {f"BUYDESK_{name}": value for name, value in environment.items()})


def test_nothing_said_means_a_folder_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load()
    assert settings == Settings()
    assert settings.url == f"sqlite:///{tmp_path}/buydesk-data/buydesk.db"
    assert settings.blob_root == f"{tmp_path}/buydesk-data/blobs"


def test_a_file_in_the_present_folder_is_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)
    file.write_text('home = "/srv/desk"\nprocesses = 3\nlease_scale = 2\npoll_seconds = 0.1\nlog_format = "json"\n')
    settings = load()
    assert (settings.home, settings.processes, settings.lease_scale) == (Path("/srv/desk"), 3, 2.0)
    assert (settings.poll_seconds, settings.log_format) == (0.1, "json")
    assert (settings.url, settings.blob_root) == ("sqlite:////srv/desk/buydesk.db", "/srv/desk/blobs")


def test_the_environment_outweighs_the_file_and_a_secret_file(file: Path, tmp_path: Path) -> None:
    file.write_text('processes = 3\ndatabase_url = "postgresql://file/one"\n')
    assert load(file, PROCESSES="4").processes == 4
    (tmp_path / "secret").write_text("postgresql://desk:pass@db/desk\n")
    assert load(file, DATABASE_URL_FILE=str(tmp_path / "secret")).url == "postgresql://desk:pass@db/desk"
    both = load(file, DATABASE_URL_FILE=str(tmp_path / "secret"), DATABASE_URL="postgresql://env/one")
    assert both.url == "postgresql://env/one"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("procesess = 2", "unknown setting 'procesess'; known are accounts_payable, blobs, "),
        ("processes = 'two'", "processes must be a whole number from 1 to 64, not 'two'"),
        ("processes = 0", "processes must be a whole number from 1 to 64, not 0"),
        ("processes = 65", "processes must be a whole number from 1 to 64, not 65"),
        ("processes = 2.5", "processes must be a whole number from 1 to 64, not 2.5"),
        ("processes = true", "processes must be a whole number from 1 to 64, not True"),
        ("lease_scale = nan", "lease_scale must be a number above 0, not nan"),
        ("lease_scale = 0", "lease_scale must be a number above 0, not 0"),
        ("poll_seconds = 'soon'", "poll_seconds must be a number above 0, not 'soon'"),
        ("poll_seconds = true", "poll_seconds must be a number above 0, not True"),
        ("blobs = 5", "blobs must be text, not 5"),
        ("log_format = 'xml'", "log_format must be text or json, not 'xml'"),
        ("log_level = 'loud'", "log_level must be debug, info, warning, error or critical, not 'loud'"),
        ("database_url = 'mysql://db/desk'", "database_url must be sqlite:///FILE or postgresql://USER@HOST/NAME"),
        ("database_url = 'postgresql://db:port/desk'", "database_url must be sqlite:///FILE or postgresql://"),
        ("database_url = 'sqlite:///:memory:'", "database_url must be sqlite:///FILE or postgresql://USER@HOST/NAME"),
        ("encryption_key = 'c2VjcmV0'", "encryption_key says where the key is, as env:NAME or file:PATH"),
        ("processes = ", "Invalid value"),
        ("\ufeff\x00", "Invalid statement"),
    ],
)
def test_a_mistake_is_one_clear_sentence(terminal: Terminal, file: Path, text: str, sentence: str) -> None:
    file.write_text(text)
    terminal.set(BUYDESK_CONFIG=str(file))
    said = terminal("status").sentence
    assert sentence in said
    assert len(said.splitlines()) == 1


def test_the_environment_is_checked_alike(terminal: Terminal) -> None:
    terminal.set(BUYDESK_PROCESSES="many")
    for words in (("status",), ("up",), ("doctor",), ("worker",)):
        assert terminal(*words).sentence == "processes must be a whole number from 1 to 64, not 'many'"


def test_numbers_of_the_environment_are_texts(file: Path) -> None:
    file.touch()
    settings = load(file, PROCESSES=" 8 ", LEASE_SCALE="0.05", LOG_LEVEL="WARNING")
    assert (settings.processes, settings.lease_scale, settings.log_level) == (8, 0.05, "warning")


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml: there is no such settings file"):
        load(tmp_path / "nowhere.toml")
    with pytest.raises(SettingsError, match="Is a directory"):
        load(tmp_path)
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    (tmp_path / "empty.toml").touch()
    for name, reason in (("nowhere", "No such file"), ("bytes", "not UTF-8")):
        with pytest.raises(SettingsError, match=f"{name}: .*{reason}"):
            load(tmp_path / "empty.toml", DATABASE_URL_FILE=str(tmp_path / name))
    with pytest.raises(SettingsError, match="utf-8"):
        load(tmp_path / "bytes")


def test_a_home_that_cannot_be_made_is_told(terminal: Terminal) -> None:
    (terminal.folder / "file").touch()
    terminal.set(BUYDESK_HOME=str(terminal.folder / "file"))
    assert terminal("upgrade").sentence == f"{terminal.folder / 'file'}: File exists."
    terminal.set(BUYDESK_DATABASE_URL="postgresql://127.0.0.1:9/desk")
    assert terminal("status").sentence.startswith("The database cannot be used: ")
