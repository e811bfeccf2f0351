"""Servers as fixtures; a folder of tests imports those that it uses into its ``conftest.py``."""

from collections.abc import Iterator

import pytest

from tests.servers.border import Border, running_border
from tests.servers.dovecot import Dovecot, DovecotMissingError, start_dovecot


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """Give a running Dovecot; each test takes a user name of its own (fixture ``user``)."""
    try:
        server = start_dovecot()
    except DovecotMissingError as missing:
        pytest.skip(str(missing))
    yield server
    server.stop()


@pytest.fixture
def user(request: pytest.FixtureRequest) -> str:
    """Return a user name that no other test has."""
    return f"u{abs(hash(request.node.nodeid)):x}"


@pytest.fixture(scope="session")
def border(dovecot: Dovecot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Border]:
    """Give the organisation's mail border, which delivers to ``dovecot``."""
    with running_border(dovecot, tmp_path_factory.mktemp("border")) as server:
        yield server
