"""Who may reach which route: every route of the workbench stands here, once.

``PATHS`` gives the values with which routes are tried; an organisation's rows exist in tests/web/test_access.py.
"""

from web.access import DESK, READS_ALL, Role

EVERYBODY = "everybody"
SIGNED_IN = "signed in"
Who = str | frozenset[Role]

READERS: Who = frozenset(READS_ALL)
WORKERS: Who = frozenset(DESK)
BUYERS: Who = frozenset({Role.BUYER, Role.ADMINISTRATOR})
APPROVERS: Who = frozenset({Role.APPROVER})
MANAGERS: Who = frozenset({Role.SUPERVISOR, Role.BUYER, Role.ADMINISTRATOR, Role.AUDITOR})
OPERATORS: Who = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
OVERSEERS: Who = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR})

EXPECTED: dict[tuple[str, str], Who] = {
    ("GET", "/"): SIGNED_IN,
    ("GET", "/login"): EVERYBODY,
    ("POST", "/login"): EVERYBODY,
    ("GET", "/login/link/{token}"): EVERYBODY,
    ("POST", "/login/link/{token}"): EVERYBODY,
    ("GET", "/login/oidc"): EVERYBODY,
    ("GET", "/login/oidc/callback"): EVERYBODY,
    ("GET", "/login/code"): SIGNED_IN,
    ("POST", "/login/code"): SIGNED_IN,
    ("POST", "/logout"): SIGNED_IN,
    ("GET", "/account"): SIGNED_IN,
    ("POST", "/account/password"): SIGNED_IN,
    ("GET", "/account/second-factor"): SIGNED_IN,
    ("POST", "/account/second-factor"): SIGNED_IN,
    ("GET", "/exceptions"): SIGNED_IN,
    ("POST", "/exceptions/next"): SIGNED_IN,
    ("GET", "/o/{organisation}/exceptions"): READERS,
    ("POST", "/o/{organisation}/exceptions/next"): WORKERS,
    ("GET", "/o/{organisation}/exceptions/{number}"): READERS,
    ("POST", "/o/{organisation}/exceptions/{number}/take"): WORKERS,
    ("POST", "/o/{organisation}/exceptions/{number}/renew"): WORKERS,
    ("POST", "/o/{organisation}/exceptions/{number}/give-back"): WORKERS,
    ("POST", "/o/{organisation}/exceptions/{number}/check"): WORKERS,
    ("POST", "/o/{organisation}/exceptions/{number}/correct"): WORKERS,
    ("POST", "/o/{organisation}/exceptions/{number}/waive"): WORKERS,
    ("POST", "/o/{organisation}/exceptions/{number}/replay"): WORKERS,
    ("POST", "/o/{organisation}/exceptions/{number}/settle"): WORKERS,
    ("POST", "/o/{organisation}/exceptions/{number}/ask"): WORKERS,
    ("POST", "/o/{organisation}/exceptions/{number}/hand"): WORKERS,
    ("POST", "/o/{organisation}/exceptions/{number}/discard"): WORKERS,
    ("POST", "/o/{organisation}/exceptions/{number}/undo"): WORKERS,
    ("POST", "/o/{organisation}/exceptions/{number}/teach"): WORKERS,
    ("GET", "/o/{organisation}/exceptions/{number}/mail"): READERS,
    ("GET", "/o/{organisation}/exceptions/{number}/documents/{document}"): READERS,
    ("GET", "/o/{organisation}/exceptions/{number}/documents/{document}/pages/{sheet}.png"): READERS,
    ("GET", "/o/{organisation}/exceptions/{number}/documents/{document}/file"): READERS,
    ("GET", "/o/{organisation}/list/{shelf}"): READERS,
    ("GET", "/o/{organisation}/messages/{number}"): READERS,
    ("GET", "/o/{organisation}/requisitions/{number}"): READERS,
    ("GET", "/o/{organisation}/suppliers/{number}"): READERS,
    ("POST", "/o/{organisation}/suppliers/{number}/bank"): BUYERS,
    ("POST", "/o/{organisation}/suppliers/{number}/bank/{change}"): BUYERS,
    ("GET", "/o/{organisation}/orders/{number}"): READERS,
    ("GET", "/o/{organisation}/orders/{number}/pdf/{revision}"): READERS,
    ("POST", "/o/{organisation}/orders/{number}/act"): BUYERS,
    ("POST", "/o/{organisation}/orders/{number}/change"): BUYERS,
    ("POST", "/o/{organisation}/orders/{number}/answers/{response}"): BUYERS,
    ("GET", "/o/{organisation}/invoices"): READERS,
    ("GET", "/o/{organisation}/invoices/{number}"): READERS,
    ("POST", "/o/{organisation}/invoices/{number}/act"): BUYERS,
    ("GET", "/o/{organisation}/policy"): MANAGERS,
    ("POST", "/o/{organisation}/policy/try"): MANAGERS,
    ("GET", "/o/{organisation}/approve"): APPROVERS,
    ("GET", "/o/{organisation}/approve/{number}"): APPROVERS,
    ("POST", "/o/{organisation}/approve/{number}"): APPROVERS,
    ("GET", "/a/{token}"): EVERYBODY,
    ("POST", "/a/{token}"): EVERYBODY,
    ("GET", "/s/{token}"): EVERYBODY,
    ("POST", "/s/{token}"): EVERYBODY,
    ("GET", "/s/{token}/pdf"): EVERYBODY,
    ("GET", "/o/{organisation}/previews"): MANAGERS,
    ("GET", "/o/{organisation}/previews/{letter}/{language}/html"): MANAGERS,
    ("GET", "/o/{organisation}/previews/order/{language}/pdf"): MANAGERS,
    ("GET", "/o/{organisation}/reports"): MANAGERS,
    ("GET", "/o/{organisation}/reports/{name}"): MANAGERS,
    ("GET", "/o/{organisation}/reports/{name}/file/{form}"): MANAGERS,
    ("GET", "/o/{organisation}/operations"): OVERSEERS,
    ("POST", "/o/{organisation}/operations/mails/{number}"): OPERATORS,
    ("GET", "/o/{organisation}/lessons"): OVERSEERS,
    ("POST", "/o/{organisation}/lessons/{number}/forget"): frozenset({Role.ADMINISTRATOR}),
    ("GET", "/healthz"): EVERYBODY,
    ("GET", "/readyz"): EVERYBODY,
    ("GET", "/metrics"): EVERYBODY,
}
PATHS: dict[str, str] = {
    "token": "x" * 32,
    "number": "1",
    "document": "1",
    "sheet": "1",
    "revision": "1",
    "response": "1",
    "change": "1",
    "shelf": "orders",
    "name": "volumes",
    "form": "csv",
    "language": "de",
    "letter": "order",
}
