"""The web application: every route behind its guard, every answer with its headers."""

from pathlib import Path

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from web.access import SignInError
from web.api.app import create_api
from web.desk.refused import CommandError
from web.headers import Guarded
from web.pages import page
from web.papers import Papers
from web.place import Place
from web.routes import ROUTERS

STEPS = {"login": "/login", "code": "/login/code", "enrol": "/account/second-factor"}
SENTENCES = {
    400: "This request could not be understood.",
    403: "This is not for you to do, or the form was too old. Go back, load the page again, and retry.",
    404: "There is nothing here, or nothing that you may see.",
    405: "This cannot be done here.",
    409: "Somebody else holds this now.",
}


def create_app(place: Place) -> FastAPI:
    """Return the application of ``place``."""
    app = FastAPI(title="Buydesk", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.place, app.state.papers = place, Papers(place.blobs)
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/api/v1", create_api(place), name="api")
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    app.add_exception_handler(SignInError, _sign_in)
    app.add_exception_handler(CommandError, _refused)
    app.add_exception_handler(StarletteHTTPException, _failed)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[place.host.rpartition(":")[0] or place.host])
    app.add_middleware(Guarded, place=place)
    return app


def _sign_in(request: Request, error: Exception) -> Response:
    step = error.step if isinstance(error, SignInError) else "login"
    if request.headers.get("hx-request"):
        return HTMLResponse("Please sign in.", 401, {"hx-redirect": STEPS[step]})
    if request.method == "GET" and step == "login" and request.url.path != "/":
        request.state.wanted = request.url.path
        return RedirectResponse(f"{STEPS[step]}?next={request.url.path}", 303)
    return RedirectResponse(STEPS[step], 303)


def _refused(request: Request, error: Exception) -> Response:
    return page(request, "refused.html", status=422, sentence=str(error))


def _failed(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException | StarletteHTTPException) else 500
    sentence = SENTENCES.get(status, "This cannot be done.")
    return page(request, "refused.html", status=status, sentence=sentence)


def _not_understood(request: Request, _: Exception) -> Response:
    in_path = isinstance(_, RequestValidationError) and any(one["loc"][0] == "path" for one in _.errors())
    status = 404 if in_path else 422
    return page(request, "refused.html", status=status, sentence=SENTENCES[404 if in_path else 400])
