"""The workbench as tests see it: a desk on SQLite, and browsers without a screen."""

import pytest

from records.blobs import Blobs
from records.database import Database
from tests.paper_desk import PaperDesk
from tests.web.site import Browser, Site
from web.access import Role


@pytest.fixture
def paper(sqlite_database: Database, blobs: Blobs) -> PaperDesk:
    """Return a desk (on SQLite) that the site shows."""
    return PaperDesk(sqlite_database, blobs)


@pytest.fixture
def site(paper: PaperDesk) -> Site:
    return Site(paper.database, paper.blobs, paper.clock)


@pytest.fixture
def agent(site: Site) -> Browser:
    """Return the browser of an agent of the organisation north."""
    return site.signed_in(site.user("agnes@desk.example", [Role.AGENT]))
