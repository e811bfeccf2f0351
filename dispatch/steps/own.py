"""The organisation's own templates, as they stand in the database."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.tables import TemplateFile
from templates.own import Own


def own_templates(session: Session, organisation_id: int) -> Own:
    """Return what the organisation lays over our templates."""
    rows = select(TemplateFile.path, TemplateFile.text).where(TemplateFile.organisation_id == organisation_id)
    return Own(tuple((path, text) for path, text in session.execute(rows.order_by(TemplateFile.path))))
