"""A real browser and a real server for the pages."""

import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from records.tables import User
from tests.web.site import Site
from web.access import cookie_name
from web.app import create_app
from web.place import Place
from web.sessions import begin

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or os.environ.get("CHROMIUM", "")

expect.set_options(timeout=30_000)  # the machine may be busy


@contextmanager
def browser() -> Iterator[Browser]:
    """Give a Chromium."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@contextmanager
def served(site: Site) -> Iterator[str]:
    """Serve ``site`` on a port of its own, and give the address."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    site.place = Place(site.database, site.blobs, site.place.key, url)
    server = uvicorn.Server(uvicorn.Config(create_app(site.place), log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield url
    server.should_exit = True
    thread.join(10)


@dataclass
class Screen:
    """A page in a browser in which somebody is signed in, and all that it asked for elsewhere or complained of."""

    page: Page
    url: str
    elsewhere: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", self._note)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", self._dialog)

    def _note(self, request: Request) -> None:
        if not request.url.startswith((self.url, "data:", "about:")):
            self.elsewhere.append(request.url)

    def _dialog(self, dialog: object) -> None:
        self.errors.append("a dialog opened")
        dialog.dismiss()  # type: ignore[attr-defined]

    def go(self, path: str) -> None:
        """Open a page."""
        self.page.goto(self.url + path)

    def keys(self, *keys: str) -> None:
        """Press keys, one after the other; a text of several letters is typed."""
        for key in keys:
            if len(key) == 1 or (key[0].isupper() and key.isascii() and key.split("+")[-1] in NAMED):
                self.page.keyboard.press(key)
            else:
                self.page.keyboard.type(key)


NAMED = frozenset({"Enter", "Tab", "Escape", "Backspace", "ArrowDown", "Home", "End", "A", "Control"})


def screen(context: BrowserContext, site: Site, user_id: int) -> Screen:
    """Return a page in which a user is signed in, second factor shown."""
    with site.database.session() as session:
        token = begin(session, site.place, session.get_one(User, user_id), proven=True)
    context.add_cookies([{"name": cookie_name(site.place), "value": token, "url": site.place.url}])
    return Screen(context.new_page(), site.place.url)
