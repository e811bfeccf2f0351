"""The API as an application of its own, so that its errors are problem+json and its description is whole."""

from fastapi import FastAPI

from web.api import acting, reading
from web.api.problem import HANDLERS
from web.place import Place

DESCRIPTION = (
    "Decimals are texts, days and moments ISO 8601. Lists go on by the cursor `after`. What is sent with an "
    "`Idempotency-Key` is done once, however often it is sent. Errors are problem+json (RFC 9457)."
)


def create_api(place: Place) -> FastAPI:
    """Return the API of ``place``."""
    app = FastAPI(title="Buydesk", version="1", description=DESCRIPTION, docs_url=None, redoc_url=None)
    app.state.place = place
    app.include_router(reading.router)
    app.include_router(acting.router)
    for error, answer in HANDLERS.items():
        app.add_exception_handler(error, answer)
    return app
