"""The first page: the organisations of who is signed in."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from web.access import Visitor, signed_in
from web.navigation import entries
from web.pages import go, page

router = APIRouter()


@router.get("/")
def organisations(request: Request, visitor: Annotated[Visitor, Depends(signed_in)]) -> Response:
    """Show the organisations; who has but one is there at once."""
    members = list(visitor.memberships.values())
    if len(members) == 1 and (shown := entries(members[0], "/")):
        return go(shown[0].path)
    first = {one.slug: shown[0].path for one in members if (shown := entries(one, "/"))}
    return page(request, "home.html", members=members, first=first)
