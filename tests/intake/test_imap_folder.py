"""A selected folder on servers of different abilities."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from intake.imap_folder import Folder, FolderError, can_move, open_folder
from intake.imap_server import Server, log_in
from intake.mailbox import account_from
from tests.intake.desk import mail
from tests.intake.test_imap_server import plain_account
from tests.servers.dovecot import PASSWORD, Dovecot, DovecotMissingError, start_dovecot
from tests.servers.scripted_imap import scripted_imap

pytestmark = pytest.mark.dovecot


def _running(**options: str) -> Iterator[Dovecot]:
    try:
        server = start_dovecot(**options)
    except DovecotMissingError as missing:
        pytest.skip(str(missing))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def without_move() -> Iterator[Dovecot]:
    yield from _running(extra="imap_capability = IMAP4rev1 UIDPLUS UNSELECT IDLE NAMESPACE")


@pytest.fixture(scope="module")
def with_neither() -> Iterator[Dovecot]:
    yield from _running(extra="imap_capability = IMAP4rev1 IDLE")


@pytest.fixture(scope="module")
def with_prefix() -> Iterator[Dovecot]:
    yield from _running(separator=".", prefix="INBOX.")


@pytest.fixture(scope="module")
def with_rights() -> Iterator[Dovecot]:
    yield from _running(extra="mail_plugins = acl\nplugin {\n  acl = vfile\n}")


@contextmanager
def session(dovecot: Dovecot, user: str, **changes: object) -> Iterator[Server]:
    with log_in(account_from(dovecot.account(user, **changes)), PASSWORD) as server:
        yield server


def inbox(server: Server, writable: bool = False) -> Folder:
    return open_folder(server, "INBOX", writable)


def test_uids_above_the_last_one_are_none_though_the_server_names_it(dovecot: Dovecot, user: str) -> None:
    dovecot.deliver(user, mail(1), mail(2))
    with session(dovecot, user) as server:
        folder = inbox(server)
        assert folder.server.client.search("UID 3:*") == [2]
        assert folder.uids(above=2) == []
        assert folder.uids(above=1) == [2]
        assert folder.uid_next == 3


def test_mail_that_is_gone_is_left_out(dovecot: Dovecot, user: str) -> None:
    dovecot.deliver(user, mail(1), mail(2))
    with session(dovecot, user) as server:
        folder = inbox(server)
        dovecot.expunge(user, 1)
        assert [one.uid for one in folder.mails([1, 2, 9])] == [2]
        assert folder.whole(9) is None
        assert folder.head(9) == b""
        assert folder.present([1, 2, 9]) == {2}
        assert folder.present([]) == frozenset()


def test_a_mail_longer_than_allowed_is_given_up_whatever_size_was_announced(dovecot: Dovecot, user: str) -> None:
    dovecot.deliver(user, mail(1, size=3_000_000))
    with session(dovecot, user) as server:
        folder = inbox(server)
        assert folder.whole(1, most=1_500_000) is None
        found = folder.whole(1)
        assert found is not None
        assert found.data == mail(1, size=3_000_000)


def test_a_target_is_created_with_the_servers_delimiter_and_letters(dovecot: Dovecot, user: str) -> None:
    dovecot.deliver(user, mail(1), mail(2), mail(3))
    with session(dovecot, user) as server:
        name = server.folder_name("Erledigt/März")
        assert inbox(server, writable=True).move([1, 3, 8], name) == frozenset()
    assert list(dovecot.contents(user)) == [2]
    assert sorted(dovecot.contents(user, "Erledigt/März").values()) == [mail(1), mail(3)]


def test_a_prefix_of_personal_folders_is_added_once(with_prefix: Dovecot) -> None:
    with_prefix.deliver("p", mail(1))
    with session(with_prefix, "p") as server:
        assert server.folder_name("inbox") == "INBOX"
        assert server.folder_name("Done/2026") == "INBOX.Done.2026"
        assert server.folder_name("INBOX/Done") == "INBOX.Done"
        assert inbox(server, writable=True).move([1], server.folder_name("Done/2026")) == frozenset()
    assert list(with_prefix.contents("p", "INBOX.Done.2026").values()) == [mail(1)]


def test_without_move_mail_is_copied_and_only_that_mail_is_expunged(without_move: Dovecot) -> None:
    without_move.deliver("c", mail(1), mail(2), mail(3))
    with without_move.client("c", "INBOX") as client:
        client.add_flags([3], [rb"\Deleted"])
    with session(without_move, "c") as server:
        assert "MOVE" not in server.capabilities
        assert can_move(server)
        assert inbox(server, writable=True).move([1], "Done") == frozenset()
    assert list(without_move.contents("c")) == [2, 3]
    assert list(without_move.contents("c", "Done").values()) == [mail(1)]


def test_without_a_safe_way_nothing_is_moved(with_neither: Dovecot) -> None:
    with session(with_neither, "n") as server:
        assert not can_move(server)
        assert server.folder_name("Done/2026") == "Done/2026"


def test_logging_out_expunges_nothing_that_people_marked(dovecot: Dovecot, user: str) -> None:
    dovecot.deliver(user, mail(1))
    with dovecot.client(user, "INBOX") as client:
        client.add_flags([1], [rb"\Deleted"])
    with session(dovecot, user) as server:
        inbox(server, writable=True)
    assert dovecot.contents(user) == {1: mail(1)}


def test_reading_opens_the_folder_read_only(dovecot: Dovecot, user: str) -> None:
    dovecot.deliver(user, mail(1))
    with session(dovecot, user) as server:
        folder = inbox(server)
        folder.mails([1])
        assert server.client._imap.is_readonly
    assert rb"\Seen" not in dovecot.flags(user)[1]


def test_a_folder_that_is_read_only_by_the_servers_will_is_told_apart(with_rights: Dovecot) -> None:
    with_rights.deliver("r", mail(1))
    rights = with_rights.maildir("r") / "dovecot-acl"
    rights.write_text("owner lr\n")
    rights.chmod(0o644)
    with session(with_rights, "r") as server, pytest.raises(FolderError, match="read-only"):
        inbox(server, writable=True)


def test_a_folder_that_is_not_there_is_an_error_of_the_server(dovecot: Dovecot, user: str) -> None:
    with session(dovecot, user) as server, pytest.raises(server.client.Error):
        open_folder(server, "Nowhere")


def test_a_server_is_woken_before_it_is_asked_what_is_new() -> None:
    """Some answer SEARCH from what they knew when the folder was opened (rule of Exchange)."""
    heard: list[str] = []
    script = {
        "EXAMINE": "* 0 EXISTS\r\n* OK [UIDVALIDITY 5] ok\r\nTAG OK done",
        "UID SEARCH": "* SEARCH 4\r\nTAG OK done",
    }
    with (
        scripted_imap(script, heard=heard) as port,
        log_in(account_from(plain_account(port)), PASSWORD) as server,
    ):
        assert open_folder(server, "INBOX").uids() == [4]
    said = [command.split()[0] for command in heard]
    assert said.index("EXAMINE") < said.index("NOOP") < said.index("UID")
    assert said[-1] == "LOGOUT"
