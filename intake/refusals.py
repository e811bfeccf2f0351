"""What a server may refuse in a way that the desk acts upon."""

from datetime import timedelta


class LoginRefusedError(RuntimeError):
    """Raised where the server refuses name, password or token; trying on would lock the account."""


class ThrottledError(RuntimeError):
    """Raised where the server asks to be left alone for ``delay``."""

    def __init__(self, delay: timedelta) -> None:
        super().__init__(f"the server asks to wait for {delay}")
        self.delay = delay


LOGIN_TRIES = 3  # refused logins, then nobody tries on and an operator is asked
LOGIN_RETRY = timedelta(minutes=5)
