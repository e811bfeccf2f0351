"""Idempotency keys: what is sent twice with one key is done once and answered alike."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from fastapi import Request
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from records.tables import ApiRequest
from web.api.access import Program
from web.api.problem import ApiError, Json, as_json

HEADER = "idempotency-key"
LONGEST = 100


def once(request: Request, program: Program, body: Any, act: Callable[[Session], Any]) -> Json:
    """Do ``act`` in one transaction and return what it answers; with a known key, what was answered then.

    The key and the act are committed together, so that neither can be there without the other.
    """
    key = request.headers.get(HEADER, "")
    if len(key) > LONGEST:
        raise ApiError(422, "invalid", f"An idempotency key has at most {LONGEST} characters.")
    if not key:
        with program.place.database.session() as session:
            return Json(act(session))
    asked = _digest(request, body)
    try:
        with program.place.database.session() as session:
            if (known := _known(session, program, key)) is not None:
                return _again(known, asked)
            row = ApiRequest(
                organisation_id=program.organisation_id,
                token_id=program.token_id,
                key=key,
                asked=asked,
                answer={},
                created_at=program.place.clock(),
            )
            session.add(row)
            session.flush()
            row.answer = {"value": json.loads(as_json(act(session)))}
            return Json(row.answer["value"])
    except IntegrityError:
        with program.place.database.read() as session:
            known = _known(session, program, key)
        if known is None:
            raise
        return _again(known, asked)


def _known(session: Session, program: Program, key: str) -> ApiRequest | None:
    found = select(ApiRequest).where(ApiRequest.token_id == program.token_id, ApiRequest.key == key)
    return session.scalars(found).one_or_none()


def _again(known: ApiRequest, asked: str) -> Json:
    if known.asked != asked:
        raise ApiError(422, "key_reused", "This idempotency key was used for something else.")
    return Json(known.answer["value"], headers={"idempotent-replay": "true"})


def _digest(request: Request, body: Any) -> str:
    told = json.dumps([request.method, request.url.path, as_json(body)])
    return hashlib.sha256(told.encode()).hexdigest()
