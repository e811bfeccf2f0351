"""What a client says to a mail server that takes access tokens: XOAUTH2, and OAUTHBEARER (RFC 7628)."""

import base64
import binascii
import json
from dataclasses import dataclass


@dataclass
class TokenLogin:
    """The client's side of one login; ``challenge`` is what the server said last, usually why it refuses."""

    mechanism: str  # xoauth2 or oauthbearer
    username: str
    token: str
    host: str
    port: int
    asked: int = 0
    challenge: bytes = b""

    def answer(self, challenge: bytes | None = None) -> str:
        """Return the next answer: first the token, then the empty one that ends a refusal."""
        self.asked += 1
        if self.asked == 1:
            return self._first()
        self.challenge = challenge or b""
        return "\x01" if self.mechanism == "oauthbearer" else ""

    def _first(self) -> str:
        if self.mechanism == "xoauth2":
            return f"user={self.username}\x01auth=Bearer {self.token}\x01\x01"
        name = self.username.replace("=", "=3D").replace(",", "=2C")
        return f"n,a={name},\x01host={self.host}\x01port={self.port}\x01auth=Bearer {self.token}\x01\x01"

    @property
    def reason(self) -> str:
        """Why the server refused, "" where it does not say.

        >>> TokenLogin("xoauth2", "po", "t", "h", 1, challenge=b'{"status":"401","schemes":"bearer"}').reason
        'status 401'
        """
        try:
            told = json.loads(self._plain())
        except (ValueError, RecursionError):
            return ""
        status = told.get("status") if isinstance(told, dict) else None
        return f"status {str(status)[:40]}" if status else ""

    def _plain(self) -> bytes:
        if self.challenge.lstrip().startswith(b"{"):
            return self.challenge
        try:
            return base64.b64decode(self.challenge, validate=True)
        except binascii.Error:
            return b""
