"""A whole desk between real servers."""

import pytest

from records.blobs import Blobs
from records.database import Database
from tests.journeys.world import Desk
from tests.servers.border import Border
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import border, dovecot

__all__ = ["border", "desk", "dovecot"]


@pytest.fixture
def desk(database: Database, blobs: Blobs, dovecot: Dovecot, border: Border) -> Desk:
    """Give the desk of an organisation, once on SQLite and once on PostgreSQL."""
    return Desk(database, blobs, dovecot, border)
