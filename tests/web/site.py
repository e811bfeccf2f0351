"""The workbench over a paper desk: browsers without a screen, signed in as whoever a test needs."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import select

from records.blobs import Blobs
from records.database import Database
from records.tables import Grant, Organisation, User
from tests.conftest import Clock
from web.access import Role, cookie_name, session_mark
from web.app import create_app
from web.place import Place
from web.sessions import begin, find

URL = "http://testserver"
KEY = b"a key for tests"
PASSWORD = "correct horse battery"


@dataclass
class Browser:
    """A browser; ``csrf`` is what its forms carry."""

    client: TestClient
    csrf: str = ""

    def get(self, path: str, **options: Any) -> Response:
        answer: Response = self.client.get(path, follow_redirects=False, **options)
        return answer

    def post(self, path: str, **form: Any) -> Response:
        answer: Response = self.client.post(path, data={"csrf": self.csrf, **form}, follow_redirects=False)
        return answer

    def open(self, path: str) -> str:
        """Return the text of a page, which must be there."""
        answer: Response = self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:2000])
        return answer.text

    def form_mark(self, path: str) -> str:
        """Take up the mark of the forms of a page, as a browser does."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.open(path))
        assert found
        self.csrf = found[1]
        return self.csrf


@dataclass
class Site:
    """The application of a database, and a way to sign in without typing."""

    database: Database
    blobs: Blobs
    clock: Clock
    place: Place = field(init=False)

    def __post_init__(self) -> None:
        self.place = Place(self.database, self.blobs, KEY, URL, clock=self.clock)
        self.app = create_app(self.place)

    def browser(self) -> Browser:
        """Return a browser in which nobody is signed in."""
        return Browser(TestClient(self.app, base_url=URL))

    def user(self, email: str, roles: Iterable[Role] = (), organisation: str = "north", **values: Any) -> int:
        """Add a user with ``roles`` in an organisation, and return the id."""
        with self.database.session() as session:
            user = session.scalars(select(User).where(User.email == email)).one_or_none()
            if user is None:
                user = User(email=email, name=email.partition("@")[0].title(), **values)
                session.add(user)
                session.flush()
            row = session.scalars(select(Organisation).where(Organisation.slug == organisation)).one()
            session.add_all([Grant(user_id=user.id, organisation_id=row.id, role=role) for role in roles])
            return user.id

    def signed_in(self, user_id: int, *, proven: bool = True) -> Browser:
        """Return a browser in which a user is signed in."""
        with self.database.session() as session:
            token = begin(session, self.place, session.get_one(User, user_id), proven=proven)
        found = find(self.place, token)
        assert found
        browser = self.browser()
        browser.client.cookies.set(cookie_name(self.place), token)
        browser.csrf = session_mark(self.place, found.session_id)
        return browser
