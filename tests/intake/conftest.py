"""The servers that tests of mail in use."""

from tests.servers.fixtures import dovecot, user

__all__ = ["dovecot", "user"]
