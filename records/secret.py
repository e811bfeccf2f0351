"""Secrets by reference: configuration says where a secret is, never what it is."""

import os
from pathlib import Path


class SecretMissingError(LookupError):
    """Raised where a reference leads nowhere; the message names the reference, never a secret."""


def resolve(reference: str) -> str:
    """Return the secret behind ``env:NAME`` or ``file:PATH`` (the file's text without its line end)."""
    source, _, name = reference.partition(":")
    if source == "env" and name:
        if name not in os.environ:
            raise SecretMissingError(f"the environment variable {name} is not set")
        return os.environ[name]
    if source == "file" and name:
        try:
            return Path(name).read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            raise SecretMissingError(f"the secret file {name} cannot be read: {error.strerror}") from error
    raise SecretMissingError("a secret is given as env:NAME or file:PATH")
