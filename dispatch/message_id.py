"""Message identifiers that follow from what is sent: the same order sent again carries the same one."""

import hmac
import json
from base64 import b32encode
from hashlib import sha256


def message_id(key: bytes, host: str, organisation: str, subject: str, revision: int, recipient: str) -> str:
    """Return ``<left@host>`` for one revision of ``subject`` to one recipient of one organisation.

    ``subject`` names the row and what is said about it (``order:184``, ``order_reminder:184:2``). The
    same arguments always give the same identifier; without ``key``, the installation's secret, nobody
    can foretell or recognise one (160 bits of HMAC-SHA256). The recipient counts without regard to case.
    """
    parts = json.dumps([organisation, subject, revision, recipient.casefold()])
    digest = hmac.digest(key, parts.encode(), sha256)
    return f"<{b32encode(digest[:20]).decode().lower()}@{host}>"
