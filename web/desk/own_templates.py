"""An organisation's own templates: loaded from a folder, tried before they are used, previewed, taken away."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from dispatch.own_check import faults
from dispatch.pdf import render_order
from dispatch.samples import ORDER, VALUES, sample_values
from dispatch.steps.own import own_templates
from procurement.steps.load_rows import Counts, Target, load_rows
from records.base import utc_now
from records.tables import Organisation, TemplateFile
from templates.own import NONE, Own, own
from templates.render import EmailText, render_email
from web.desk.refused import CommandError

MOST_FILES = 200


def load_templates(session: Session, organisation: Organisation, files: Mapping[str, str], by: str) -> Counts:
    """Make ``files`` (by path) the organisation's own templates, all of them; the audit chain keeps what changed.

    Raises CommandError with every fault; then nothing was changed.
    """
    if len(files) > MOST_FILES:
        raise CommandError(f"There are {len(files)} files; an organisation has at most {MOST_FILES} templates.")
    if found := faults(own(files)):
        raise CommandError("These templates cannot be used:\n" + "\n".join(f"  {fault}" for fault in found))
    rows = [{"path": path, "text": text} for path, text in sorted(files.items())]
    return load_rows(Target(session, organisation, by, utc_now().date()), TemplateFile, ("path",), rows)


def templates_of(session: Session, organisation: Organisation | None) -> Own:
    """Return the organisation's own templates; none for no organisation."""
    return NONE if organisation is None else own_templates(session, organisation.id)


def preview_mail(name: str, language: str, organisation: str, mine: Own) -> EmailText:
    """Return an example of the email ``name`` as it would be sent."""
    if name not in VALUES:
        raise CommandError(f"There is no email {name}; there are {', '.join(VALUES)}.")
    return render_email(name, language, sample_values(name, organisation), mine)


def preview_order(language: str, organisation: str, accent: str, mine: Own) -> bytes:
    """Return the PDF of an example of an order as it would be sent."""
    buyer = replace(ORDER.buyer, name=organisation)
    return render_order(replace(ORDER, language=language, buyer=buyer, accent=accent), (), mine)
