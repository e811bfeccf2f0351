"""A line to one folder that is opened again after it broke."""

import logging
from contextlib import ExitStack
from types import TracebackType

from intake.imap_folder import Folder, open_folder
from intake.imap_server import Server, log_in
from intake.mailbox import Account
from intake.tokens import Credential

log = logging.getLogger(__name__)


class Line:
    """The folder of ``account``, read-only; a context that opens it and logs out at its end.

    A line that was hung up meanwhile opens again at the next use. It raises ConnectionError where the folder has
    another UIDVALIDITY then: what was learnt before holds no longer.
    """

    def __init__(self, account: Account, credential: Credential) -> None:
        self.account = account
        self._credential = credential
        self._session = ExitStack()
        self._server: Server | None = None
        self._folder: Folder | None = None
        self._uidvalidity: int | None = None

    def __enter__(self) -> "Line":
        with ExitStack() as if_it_fails:
            if_it_fails.callback(self.hang_up)
            _ = self.folder
            if_it_fails.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.__exit__(kind, error, trace)

    @property
    def server(self) -> Server:
        """The session that is logged in."""
        if self._server is None:
            self._server = self._session.enter_context(log_in(self.account, self._credential))
        return self._server

    @property
    def folder(self) -> Folder:
        """The folder, opened for reading only."""
        if self._folder is None:
            self._folder = self._checked(writable=False)
        return self._folder

    def writable(self) -> Folder:
        """Return the folder opened for moving mail; raises FolderError where the server forbids it."""
        self._folder = None
        return self._checked(writable=True)

    def _checked(self, writable: bool) -> Folder:
        folder = open_folder(self.server, self.server.folder_name(self.account.folder), writable)
        if self._uidvalidity not in (None, folder.uidvalidity):
            raise ConnectionError("the folder was replaced by another during the visit")
        self._uidvalidity = folder.uidvalidity
        return folder

    def hang_up(self) -> None:
        """Drop the session as it is; the next use opens a new one."""
        broken, self._session = self._session, ExitStack()
        self._server = self._folder = None
        error = ConnectionError("hung up")
        broken.__exit__(type(error), error, None)
