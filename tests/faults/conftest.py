"""The servers that fault tests use."""

from tests.servers.fixtures import border, dovecot

__all__ = ["border", "dovecot"]
