"""The table ``oauth`` of a mailbox or of the mail relay: how to sign in with tokens instead of a password."""

from typing import Any

from procurement import folder_values as read
from procurement.folder_toml import Table

# What each flow needs beside its name; of the last group one is enough.
FLOWS: dict[str, tuple[tuple[str, ...], ...]] = {
    "microsoft": (("tenant",), ("client_id",), ("client_secret", "certificate")),
    "google": (("client_id",), ("client_secret",), ("refresh_token",)),
    "google-service-account": (("service_account",),),
}
_SECRETS = ("client_secret", "certificate", "refresh_token", "service_account")
_TEXTS = ("tenant", "client_id", "scope", "ca_file")


def read_oauth(table: Table | None) -> dict[str, Any] | None:
    """Return what the table says (secrets by reference, the day as text); None where there is no table."""
    if table is None:
        return None
    flow = table.needed("flow", _one_of(*FLOWS))
    values: dict[str, Any] = {"flow": flow}
    values |= {name: table.optional(name, read.secret) for name in _SECRETS}
    values |= {name: table.optional(name, str) for name in _TEXTS}
    values["mechanism"] = table.optional("mechanism", _one_of("xoauth2", "oauthbearer"))
    values["token_server"] = table.optional("token_server", _safe_url)
    expires = table.optional("expires", read.day)
    values["expires"] = expires.isoformat() if expires else None
    for group in FLOWS.get(flow or "", ()):
        if not any(table.values.get(name) for name in group):
            table.fault(f'{" or ".join(group)} is missing, which the flow "{flow}" needs')
    table.finish()
    return {name: value for name, value in values.items() if value is not None}


def _safe_url(text: str) -> str:
    host = text.partition("://")[2].partition("/")[0].partition(":")[0]
    if not (text.startswith("https://") or (text.startswith("http://") and read.is_loopback(host))):
        raise ValueError("must begin with https://")
    return text


def _one_of(*allowed: str) -> Any:
    def choose(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"is none of {', '.join(allowed)}")
        return text

    return choose
