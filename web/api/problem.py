"""Errors of the API as problem+json (RFC 9457), and values as JSON that loses nothing: decimals are texts."""

import json
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from templates.plain import without_tokens
from web.desk.refused import CommandError

TITLES = {
    400: "Not understood",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not there",
    405: "Not done here",
    409: "In conflict",
    422: "Not done",
    500: "Failed",
}


class ApiError(Exception):
    """Raised for an error that the caller is told: its status, a code for programs, and a sentence."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail


class Json(Response):
    """An answer of plain values: decimals as texts in plain notation, days and moments in ISO 8601."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Return the bytes of the answer."""
        return without_tokens(as_json(content)).encode()


def as_json(value: Any) -> str:
    """Return plain values as JSON."""
    return json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    raise TypeError(f"{type(value).__name__} is no value of the API")


def problem(status: int, code: str, detail: str) -> Response:
    """Return an error as the caller gets it."""
    told = {"type": "about:blank", "title": TITLES.get(status, "Failed"), "status": status}
    headers = {"www-authenticate": "Bearer"} if status == 401 else None
    body = as_json(told | {"code": code, "detail": detail})
    return Response(body, status_code=status, media_type="application/problem+json", headers=headers)


def on_api_error(_: Request, error: Exception) -> Response:
    """Answer an ApiError."""
    assert isinstance(error, ApiError)
    return problem(error.status, error.code, error.detail)


def on_refusal(_: Request, error: Exception) -> Response:
    """Answer what the desk refused."""
    return problem(422, "refused", str(error))


def on_http_error(_: Request, error: Exception) -> Response:
    """Answer an error of the framework."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    return problem(status, "http", "There is nothing here." if status == 404 else TITLES.get(status, "It failed."))


def on_invalid(_: Request, error: Exception) -> Response:
    """Answer a request whose form is wrong, with the places of what is wrong."""
    assert isinstance(error, RequestValidationError)
    told = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:10])
    return problem(422, "invalid", told)


HANDLERS = {
    ApiError: on_api_error,
    CommandError: on_refusal,
    HTTPException: on_http_error,
    RequestValidationError: on_invalid,
}
