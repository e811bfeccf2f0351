"""smtplib's client with stricter ears: an answer counts only when it is whole (RFC 5321 4.2)."""

import re
import smtplib
from typing import Any

SmtpError = smtplib.SMTPException  # what a server of mail may answer instead of what was wanted
LONGEST_LINE = 8192
LONGEST_ANSWER = 100  # lines


class StrictReplies:
    """Reads answers line by line and believes only whole ones: half an answer is no answer.

    What the server said beyond the answer that was asked for stands in ``unread``.
    """

    sock: Any
    unread = b""

    def getreply(self) -> tuple[int, bytes]:
        """Return code and text of one answer (RFC 5321 4.2); raises SMTPServerDisconnected."""
        texts = []
        for _ in range(LONGEST_ANSWER):
            line = self._line()
            parsed = re.fullmatch(rb"([2-5][0-9][0-9])(?:([ -])(.*))?", line, re.S)
            if not parsed:
                raise smtplib.SMTPServerDisconnected(f"not an answer: {line[:60]!r}")
            texts.append((parsed.group(3) or b"").strip())
            if parsed.group(2) != b"-":
                return int(parsed.group(1)), b"\n".join(texts)
        raise smtplib.SMTPServerDisconnected("an answer without an end")

    def _line(self) -> bytes:
        while b"\n" not in self.unread:
            if self.sock is None or len(self.unread) > LONGEST_LINE:
                raise smtplib.SMTPServerDisconnected("no answer can be read")
            try:
                piece = self.sock.recv(4096)
            except OSError as error:
                raise smtplib.SMTPServerDisconnected(f"the connection broke: {error}") from error
            if not piece:
                raise smtplib.SMTPServerDisconnected("the connection ended before an answer")
            self.unread += piece
        line, _, self.unread = self.unread.partition(b"\n")
        return line.rstrip(b"\r")


class PlainClient(StrictReplies, smtplib.SMTP):
    """A connection that begins in the clear."""


class ImplicitClient(StrictReplies, smtplib.SMTP_SSL):
    """A connection that is safe from the start."""


Client = PlainClient | ImplicitClient
