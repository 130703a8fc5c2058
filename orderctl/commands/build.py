"""``orderctl build``: papers and status site from the documents, in one folder that opens without a server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from orderctl.model import Severity
from orderctl.progress import bars
from orderctl.session import ERRORS, Command, Session, session
from orderctl.terminal import emit, visible

if TYPE_CHECKING:
    from orderctl.pipeline import Run
    from orderctl.publish.build import Built

COVERS = ("WEB", "PAP")


@click.command("build", cls=Command, help="Make the papers (PDF) and the status site.")
@click.option("--only", type=click.Choice(["papers", "site"]), help="Make only these.")
@click.option("--all", "closed", is_flag=True, help="Make the papers of closed cases too.")
@click.option("--out", metavar="DIR", type=click.Path(path_type=Path), help="Output folder; else site/staff.")
@click.option("--rev", metavar="REV", help="Build from this commit instead of the files on disk.")
@click.option("--as-of", metavar="DATE", help="Build as on that day (2024-05-20) or at that time (RFC 3339).")
@click.option("--jobs", type=int, default=0, metavar="N", help="Processes to use; 0: one a core.")
def command(only: str | None, closed: bool, out: Path | None, rev: str | None, as_of: str | None, jobs: int) -> int:
    """Exit 10 if the data has errors (the site says so too) or a paper could not be made, else 0."""
    from orderctl.pipeline import SetupError, find_workspace, open_book
    from orderctl.publish.build import publish

    s = session()
    workspace = find_workspace()
    if out is None and workspace.root is None:
        raise SetupError(
            "setup.out",
            "裸仓库没有 site/，请用 --out 指明文件夹",
            "a bare repository has no site/: name a folder with --out",
        )
    folder = (out or (workspace.root or Path()) / "site" / "staff").absolute()
    with bars(s) as progress, open_book(workspace, rev, as_of, jobs=max(0, jobs), progress=progress) as run:
        built = publish(run, folder, only=only, closed=closed, jobs=max(0, jobs), progress=progress)
        return _tell(s, built, run)


def _tell(s: Session, built: Built, run: Run) -> int:
    _ = s.texts.gettext
    if built.errors:
        for owner, error in built.errors:
            code = run.catalogue.codes.get(error.code)
            params = {key: visible(str(value)) for key, value in error.params.items()}
            sentence = (code.zh if s.language == "zh" else code.en).format_map(params) if code else str(error)
            s.say(f"{visible(owner)}: {sentence} ({error.code})", level=-2)
    if built.out is None:
        s.say(_("Nothing was published: mend these first."), level=-2)
        return ERRORS
    errors = sum(1 for finding in run.findings() if finding.severity is Severity.ERROR)
    if s.verbose >= 0:
        emit(
            _("{papers} papers, {pages} pages; {new} files are new.").format(
                papers=built.papers, pages=built.pages, new=built.new
            )
            + "\n"
            + _("Open {file}").format(file=visible(str(built.out / "index.html")))
            + "\n"
        )
    if errors:
        s.say(_("The data has {n} errors: see them with “orderctl check”.").format(n=errors))
    return ERRORS if errors or built.errors else 0
