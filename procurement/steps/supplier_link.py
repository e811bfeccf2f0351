"""The supplier's own page of an order: a link that only he was mailed, valid for one revision."""

import secrets
from base64 import b32encode
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.approval import token_hash
from records.tables import PurchaseOrder, SupplierLink

LINK_DAYS = 365


def new_link(session: Session, order: PurchaseOrder, now: datetime) -> str:
    """Return a new token for the page of the order's revision; only its hash is kept."""
    token = b32encode(secrets.token_bytes(20)).decode()[:26]
    session.add(
        SupplierLink(
            organisation_id=order.organisation_id,
            order_id=order.id,
            revision=order.revision,
            sha256=token_hash(token),
            expires_at=now + timedelta(days=LINK_DAYS),
        )
    )
    return token


def link_behind(session: Session, token: str, now: datetime) -> SupplierLink | None:
    """Return the link that a token opens; None where there is none or its time is over."""
    link = session.scalars(select(SupplierLink).where(SupplierLink.sha256 == token_hash(token))).one_or_none()
    return link if link is not None and link.expires_at > now else None
