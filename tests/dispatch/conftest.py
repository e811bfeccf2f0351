"""The servers that tests of mail out use."""

from tests.servers.fixtures import border, dovecot, user

__all__ = ["border", "dovecot", "user"]
