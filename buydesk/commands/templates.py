"""Commands about templates: what an organisation words or prints in its own way, tried and previewed."""

from pathlib import Path
from typing import Annotated

import typer

from buydesk.commands.shared import By, OrganisationName, installation, organisation_named, visible, who
from web.desk.refused import CommandError

templates = typer.Typer(help="The order's print and the emails, in an organisation's own words.", no_args_is_help=True)
Folder = Annotated[Path, typer.Argument(help="A folder with print/ and email/.", exists=True, file_okay=False)]
Own = Annotated[Path | None, typer.Option("--from", help="Templates of this folder, not yet loaded.", exists=True)]


@templates.command("list")
def list_templates(organisation: OrganisationName = None) -> None:
    """List every template, and which of them the organisation has of its own."""
    from templates.own import template_paths
    from web.desk.own_templates import templates_of

    with installation().database.read() as session:
        mine = templates_of(session, organisation_named(session, organisation))
    for path in template_paths():
        print(f"{path}{'  (own)' if mine.text(path) is not None else ''}")


@templates.command("show")
def show(path: Annotated[str, typer.Argument(help="A path as templates list shows it.")]) -> None:
    """Print our template of this path: the place to begin one of your own."""
    from templates.language import HERE
    from templates.own import is_template

    if not is_template(path):
        raise CommandError(f"There is no template {path}; buydesk templates list shows all.")
    print((HERE / path).read_text(encoding="utf-8"), end="")


@templates.command("check")
def check(folder: Folder) -> None:
    """Try the templates of a folder on examples and say what does not do; nothing is changed."""
    from dispatch.own_check import faults
    from templates.own import own

    if found := faults(own(read_templates(folder))):
        raise CommandError("These templates cannot be used:\n" + "\n".join(f"  {fault}" for fault in found))
    print("These templates can be used.")


@templates.command("load")
def load(folder: Folder, organisation: OrganisationName = None, by: By = None) -> None:
    """Make the templates of a folder the organisation's own; an empty folder takes them all away."""
    from web.desk.own_templates import load_templates

    files = read_templates(folder)
    with installation(migrate=True).database.session() as session:
        owner = organisation_named(session, organisation)
        counts = load_templates(session, owner, files, who(by))
    told = f"{counts.inserted} new, {counts.updated} changed, {counts.unchanged} as before, {counts.ended} taken away"
    print(visible(f"{owner.name}: {told}."))


@templates.command("preview")
def preview(
    name: Annotated[str, typer.Argument(help="order.pdf, or the name of an email.")],
    target: Annotated[Path, typer.Option("--output", help="The file to write: .pdf, .html or .txt.")],
    language: Annotated[str, typer.Option(help="The language of the example.")] = "en",
    source: Own = None,
    organisation: OrganisationName = None,
) -> None:
    """Write an example of an order or an email as the organisation would send it."""
    from templates.own import own
    from web.desk.own_templates import preview_mail, preview_order, templates_of

    with installation().database.read() as session:
        owner = organisation_named(session, organisation)
        mine = own(read_templates(source)) if source else templates_of(session, owner)
    if name == "order.pdf":
        target.write_bytes(preview_order(language, owner.name, owner.accent, mine))
    else:
        mail = preview_mail(name, language, owner.name, mine)
        page = mail.html if target.suffix == ".html" else f"{mail.subject}\n\n{mail.text}"
        target.write_text(page, encoding="utf-8")
    print(f"{target} was written.")


def read_templates(folder: Path) -> dict[str, str]:
    """Return the files of ``print`` and ``email`` below a folder by path; raises CommandError for what is no text."""
    files: dict[str, str] = {}
    for path in sorted([*folder.glob("print/**/*"), *folder.glob("email/**/*")]):
        if path.is_file():
            try:
                files[path.relative_to(folder).as_posix()] = path.read_text(encoding="utf-8")
            except UnicodeDecodeError as error:
                raise CommandError(f"{path} is not UTF-8 text.") from error
    return files
