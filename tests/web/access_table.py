"""Who may reach which route: every route of the workbench stands here, once.

``PATHS`` gives the values with which routes are tried; an organisation's rows exist in tests/web/test_access.py.
"""

from web.access import DESK, READS_ALL, Role

EVERYBODY = "everybody"
SIGNED_IN = "signed in"
Who = str | frozenset[Role]

READERS: Who = frozenset(READS_ALL)
WORKERS: Who = frozenset(DESK)

EXPECTED: dict[tuple[str, str], Who] = {
    ("GET", "/"): SIGNED_IN,
    ("GET", "/login"): EVERYBODY,
    ("POST", "/login"): EVERYBODY,
    ("GET", "/login/link/{token}"): EVERYBODY,
    ("POST", "/login/link/{token}"): EVERYBODY,
    ("GET", "/login/code"): SIGNED_IN,
    ("POST", "/login/code"): SIGNED_IN,
    ("POST", "/logout"): SIGNED_IN,
    ("GET", "/account"): SIGNED_IN,
    ("POST", "/account/password"): SIGNED_IN,
    ("GET", "/account/second-factor"): SIGNED_IN,
    ("POST", "/account/second-factor"): SIGNED_IN,
}
PATHS: dict[str, str] = {"token": "x" * 32, "number": "1"}
