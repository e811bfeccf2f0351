"""What monitoring asks: is it alive, can it work, how does it stand. No secrets, and nobody's mail."""

import hmac
import time
from threading import Lock
from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Request
from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from web.access import everybody
from web.desk.metrics import metrics
from web.place import place_of
from web.seal import mark

router = APIRouter(dependencies=[Depends(everybody)])
FRESH = 15.0  # seconds for which one count serves everybody who asks
_lock = Lock()


@router.get("/healthz")
def alive() -> Response:
    """Say that the process answers."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
def ready(request: Request) -> Response:
    """Say whether the database can be used; 503 where it cannot."""
    try:
        with place_of(request).database.read() as session:
            session.execute(text("select 1"))
    except SQLAlchemyError:
        return PlainTextResponse("the database cannot be used\n", 503)
    return PlainTextResponse("ready\n")


@router.get("/metrics")
def figures(request: Request, authorization: Annotated[str, Header()] = "") -> Response:
    """Return the figures for Prometheus to who is on this machine, or brings the token of ``buydesk web token``."""
    place = place_of(request)
    is_here = request.client is not None and request.client.host in ("127.0.0.1", "::1", "testclient")
    told = f"Bearer {metrics_token(place.key)}"
    if not (is_here and "x-forwarded-for" not in request.headers) and not hmac.compare_digest(
        authorization.encode(), told.encode()
    ):
        raise HTTPException(404)
    with _lock:
        kept = getattr(request.app.state, "metrics", None)
        if kept is None or time.monotonic() - kept[0] > FRESH:
            with place.database.read() as session:
                kept = time.monotonic(), metrics(session, place.clock())
            request.app.state.metrics = kept
    return Response(kept[1], media_type=CONTENT_TYPE_LATEST)


def metrics_token(key: bytes) -> str:
    """Return the token with which metrics are read from another machine."""
    return mark(key, "metrics", "token")
