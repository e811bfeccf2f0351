"""The mail and the documents of an exception, each as what it looks like and none as what it could do."""

import base64
import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from parsers.message import parse_message
from records.blobs import BlobMissingError
from records.tables import Document
from web import mail_body
from web.access import READS_ALL, Here, allowed
from web.desk.item_view import View, view_of
from web.pages import at, page
from web.papers import Paper, Papers
from web.routes.exception import found

router = APIRouter(prefix="/o/{organisation}/exceptions/{number}")
Reader = Annotated[Here, Depends(allowed(*READS_ALL))]
_KEPT = "private, max-age=3600"


@router.get("/mail")
def mail(here: Reader, number: int) -> Response:
    """Show the HTML body of the mail in a sandbox of its own."""
    with here.place.database.read() as session:
        message = view_of(session, found(session, here, number)).message
    if message is None:
        raise HTTPException(404)
    try:
        shown = mail_body.harmless_page(parse_message(here.place.blobs.get(message.raw_sha256)))
    except BlobMissingError:
        raise HTTPException(404) from None
    digest = base64.b64encode(hashlib.sha256(mail_body.STYLE.encode()).digest()).decode()
    policy = mail_body.POLICY.format(digest=digest)
    return HTMLResponse(shown, headers={"content-security-policy": policy, "x-frame-options": "SAMEORIGIN"})


@router.get("/documents/{document}")
def document(request: Request, here: Reader, number: int, document: int) -> Response:
    """Show a document as pages; as a snippet where a page asks for it."""
    row, paper = _paper(request, here, number, document)
    values: dict[str, Any] = {
        "document": row,
        "paper": paper,
        "base": at(here, f"exceptions/{number}/documents/{document}"),
    }
    whole = request.headers.get("hx-request") is None
    return page(request, "document.html" if whole else "pages.html", **values)


@router.get("/documents/{document}/pages/{sheet}.png")
def picture(request: Request, here: Reader, number: int, document: int, sheet: int) -> Response:
    """Return the picture of one page."""
    _, paper = _paper(request, here, number, document)
    shown = next((one for one in paper.pages if one.number == sheet), None)
    if shown is None:
        raise HTTPException(404)
    return Response(shown.png, media_type="image/png", headers={"cache-control": _KEPT})


@router.get("/documents/{document}/file")
def original(here: Reader, number: int, document: int) -> Response:
    """Return the document as it came, to be saved and never shown by the browser."""
    with here.place.database.read() as session:
        row = _document(session, view_of(session, found(session, here, number)), document)
    try:
        data = here.place.blobs.get(row.sha256)
    except BlobMissingError:
        raise HTTPException(404) from None
    headers = {"content-disposition": f'attachment; filename="document-{document}{_ending(row.name)}"'}
    return Response(data, media_type="application/octet-stream", headers=headers)


def _paper(request: Request, here: Here, number: int, document: int) -> tuple[Document, Paper]:
    with here.place.database.read() as session:
        view = view_of(session, found(session, here, number))
        row = _document(session, view, document)
    papers: Papers = request.app.state.papers
    try:
        return row, papers.paper(row, view.evidence)
    except BlobMissingError:
        raise HTTPException(404) from None


def _document(session: Session, view: View, document: int) -> Document:
    """Return a document of the exception's own mail."""
    if view.message is None or not 0 < document < 2**63:
        raise HTTPException(404)
    wanted = select(Document).where(Document.id == document, Document.message_id == view.message.id)
    row = session.scalars(wanted).one_or_none()
    if row is None:
        raise HTTPException(404)
    return row


def _ending(name: str | None) -> str:
    """Return the harmless ending of a file's name, with its dot; "" where it has none."""
    ending = (name or "").rpartition(".")[2].lower()
    return f".{ending}" if ending.isascii() and ending.isalnum() and len(ending) <= 5 and "." in (name or "") else ""
