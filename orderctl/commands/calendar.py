"""``orderctl calendar YEAR``: writes the working days of a year as a document."""

from __future__ import annotations

import click

from orderctl.session import Command, on_disk, session


@click.command("calendar", cls=Command, help="Write the working days of a year, holidays and make-up days included.")
@click.argument("year", type=click.IntRange(2000, 2100))
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
def command(year: int, force: bool) -> int:
    """Write calendar/YEAR.yaml; exit 2 if it is there and not ``force``."""
    from orderctl.calendar_year import calendar_document
    from orderctl.compose import document
    from orderctl.pipeline import find_workspace
    from orderctl.writing import write_inside

    s = session()
    _, ngettext = s.texts.gettext, s.texts.ngettext
    root = on_disk(find_workspace())
    path = f"calendar/{year}.yaml"
    content = calendar_document(year)
    try:
        write_inside(root, path, document(content).encode(), new=not force)
    except FileExistsError as error:
        message = _("{path} is already there; nothing was written. Use --force to replace it.").format(path=path)
        raise click.UsageError(message) from error
    rest, work = len(content["holidays"]), len(content["workdays"])
    s.say(
        _("Written: {path} ({rest}, {work})").format(
            path=path,
            rest=ngettext("{n} day off", "{n} days off", rest).format(n=rest),
            work=ngettext("{n} make-up day", "{n} make-up days", work).format(n=work),
        )
    )
    if content["estimated"]:
        s.say(
            _("{year} is an estimate: the official notice is not known yet. Write it again when it is.").format(
                year=year
            )
        )
    return 0
