"""A build: run → findings as rows → papers → pages → folder. Nothing is deployed unless all of it was made."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from orderctl.bring import Progress
from orderctl.catalogue import digest_of, own_modules
from orderctl.classify import concerns, folders_of, is_code
from orderctl.model import SetupError, Severity
from orderctl.origins import order_of, origins
from orderctl.pipeline import Run
from orderctl.plugins import Plugin
from orderctl.publish.jobs import Ground, job_name
from orderctl.publish.output import FORMAT, finish, read_manifest, sweep, write_staged
from orderctl.publish.rows import good_views, note_rows, store_results
from orderctl.publish.workers import Todo, pool_of
from orderctl.render.enums import enum_names
from orderctl.render.shards import shard, shard_path
from orderctl.resources import builtin
from orderctl.rule import Page, Paper

_LAST = 253_000_000_000
"""Seconds since 1970 that a calendar can still say (the year 9987)."""


OF_THE_DATA = ("render.glyph", "render.layout")
"""What one document's text can cause: its paper is left out and named; any other failure publishes nothing."""


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did: the folder (None: nothing was published), numbers of papers and pages there, how many files
    are new, and what could not be made: (path or job, RenderError)."""

    out: Path | None
    papers: int
    pages: int
    new: int
    errors: tuple[tuple[str, Any], ...]


def publish(run: Run, out: Path, *, only: str | None, closed: bool, jobs: int, progress: Progress) -> Built:
    """Bring ``out`` up to the run's book. ``only``: "papers", "site" or None for both; ``closed``: papers of closed
    cases too."""
    known = _check_folder(out, run)
    staging = out.with_name(f".{out.name}.build-{os.getpid()}")
    sweep(out.parent, f".{out.name}.build-")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    try:
        return _publish(run, out, staging, known, only, closed, jobs or os.cpu_count() or 1, progress)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _publish(
    run: Run,
    out: Path,
    staging: Path,
    known: Mapping[str, Any],
    only: str | None,
    closed: bool,
    jobs: int,
    progress: Progress,
) -> Built:
    note_rows(run)
    ground = _ground(run, closed)
    old_jobs: Mapping[str, Any] = known.get("jobs", {})
    table: dict[str, Any] = {}
    shown: dict[str, list[Mapping[str, str]]] = {}
    errors: list[tuple[str, Any]] = []
    flaws: list[tuple[str, Any]] = []
    new = 0
    if only in (None, "papers"):
        _warm_up()
    for kind, plugins in (("papers", run.catalogue.papers), ("site", run.catalogue.pages)):
        if only not in (None, kind):
            _carry(old_jobs, kind, table, shown)
            continue
        todo = list(_todo(run, plugins.values(), old_jobs, out, shown))
        with pool_of(run, ground, plugins, staging, jobs, len(todo)) as each:
            for done, made in enumerate(each(todo), 1):
                progress(kind, done, len(todo))
                if made.result is not None:
                    store_results(run.store, [made.result])
                if made.error is not None:
                    (flaws if made.error.code in OF_THE_DATA else errors).append((made.owner or made.name, made.error))
                elif made.names:
                    new += made.new
                    table[f"{made.name} {made.owner}"] = [made.key, list(made.names), made.unit, dict(made.title)]
                    if kind == "papers":
                        shown.setdefault(made.unit, []).append(made.title)
    if errors:
        return Built(None, 0, 0, 0, tuple(errors))
    if only in (None, "site"):
        new += _assets(run, staging, out, table, old_jobs)
    manifest = _manifest(run, table)
    write_staged(
        staging, {shard_path("build"): shard("build", {key: manifest[key] for key in ("commit", "at", "errors")})}
    )
    keep = {shard_path("build"), *(name for entry in table.values() for name in entry[1])}
    finish(out, staging, keep, manifest)
    papers = sum(1 for job in table if job.startswith("paper:"))
    pages = sum(1 for job in table if job.startswith("page:"))
    return Built(out, papers, pages, new, tuple(flaws))


def _warm_up() -> None:
    """Load what every paper needs before workers are forked; SetupError without the PDF library."""
    from orderctl.render.fonts import find_fonts

    try:
        import weasyprint  # noqa: F401  forked workers have it then
    except (ImportError, OSError) as error:
        raise SetupError(
            "setup.pdf",
            f"无法生成 PDF（{error}）。安装 orderctl[pdf]、libpango-1.0-0、libpangoft2-1.0-0，或加 --only site",
            f"no PDF can be made ({error}). Install orderctl[pdf], libpango-1.0-0 and libpangoft2-1.0-0,"
            " or make the site alone: --only site",
        ) from None
    find_fonts()


def _check_folder(out: Path, run: Run) -> Mapping[str, Any]:
    """Return the manifest of what lies there; refuse a folder that holds something else."""
    _check_links(out, run)
    known = read_manifest(out)
    own = run.workspace.root is not None and (run.workspace.root / "site") in out.parents
    if not known and not own and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise SetupError(
            "setup.out",
            f"{out} 里有别的文件，不会覆盖。请用空文件夹或新文件夹",
            f"{out} holds other files and is not overwritten. Use an empty or a new folder",
        )
    return known


def _check_links(out: Path, run: Run) -> None:
    """Refuse links on the way from the workspace to ``out`` and below it: a repository could bring them."""
    root = run.workspace.root
    inside = [f for f in (out, *out.parents) if root is not None and root in f.parents]
    below = (Path(here, name) for here, folders, _ in os.walk(out) for name in folders)
    for folder in (*inside, *below):
        if folder.is_symlink():
            raise SetupError(
                "setup.out",
                f"{folder} 是链接，不会写到它指向的地方。请删除它，或用 --out 指明另一个文件夹",
                f"{folder} is a link; nothing is written where it leads. Delete it, or name another folder with --out",
            )


def _ground(run: Run, closed: bool) -> Ground:
    schemas = {kind.name: kind.schema for kind in run.catalogue.kinds.values()}
    names = enum_names(schemas, {})
    own = run.catalogue.templates
    papers = _templates("papers", own)
    site = {f"site/{name}": data for name, data in _templates("site", own).items() if name.endswith(".j2")}
    company = run.config.data.get("company") or {}
    zh = str(company.get("name", "orderctl")) if isinstance(company, Mapping) else "orderctl"
    languages = run.config.data.get("languages")
    about = {
        "zh": zh,
        "en": str(company.get("name_en", zh)) if isinstance(company, Mapping) else zh,
        "language": "en" if isinstance(languages, Sequence) and languages[:1] in (["en"], ("en",)) else "zh",
        "sample": run.config.sample,
        "status_names": run.config.data.get("status_names") or {},
    }
    pages = [
        {"id": p.what.id, "zh": p.what.zh, "en": p.what.en, "file": p.what.file}
        for p in _in_menu(run.catalogue.pages.values())
        if isinstance(p.what, Page) and not p.what.on
    ]
    code = digest_of(own_modules("render/*.py", "publish/*.py", "words.py", "digest.py"))
    shared = repr((sorted(map(repr, names.items())), about, pages, code)).encode()
    commit = run.tree.revision or (run.tree.git.resolve("HEAD") if run.tree.git else None)
    git = run.tree.git if commit else None
    return Ground(
        run.catalogue.kinds,
        names,
        papers,
        site,
        about,
        pages,
        origins(git, commit, run.workspace.prefix) if git and commit else {},
        order_of(git, commit) if git and commit else {},
        frozenset(run.tree.overlay),
        {
            "papers": digest_of([*papers.items(), ("names", shared)]),
            "site": digest_of([*site.items(), ("names", shared)]),
        },
        closed,
    )


def _in_menu(pages: Iterable[Plugin]) -> list[Plugin]:
    """Return pages with the dashboard first, then by the order in which people work."""
    order = ("dashboard", "orders", "inquiries", "customers", "products", "findings", "rules")
    rank = {id: place for place, id in enumerate(order)}
    return sorted(pages, key=lambda p: (rank.get(p.what.id, len(rank)), p.what.id))


def _templates(folder: str, own: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the built-in templates of a folder with the company's own in their place: name below it → bytes."""
    base = builtin("templates") / folder
    found = {f.relative_to(base).as_posix(): f.read_bytes() for f in sorted(base.rglob("*")) if f.is_file()}
    return found | {p.partition("/")[2]: data for p, data in own.items() if p.startswith(folder + "/")}


def _todo(
    run: Run,
    plugins: Iterable[Plugin],
    old: Mapping[str, Any],
    out: Path,
    papers: Mapping[str, list[Mapping[str, str]]],
) -> Iterator[Todo]:
    """Yield every job: plugin id, owner, the stored view's summary (None: unknown), the files' key, its papers."""
    for plugin in sorted(plugins, key=lambda p: p.what.id):
        assert isinstance(plugin.what, Page | Paper)
        name = job_name(plugin)
        stored = good_views(run.store, name, run.clock)
        owners = [("", "")]
        if plugin.what.on:
            query = "SELECT path, unit FROM file WHERE kind = ? AND state IN ('ok', 'flawed') ORDER BY path"
            owners = run.store.db.execute(query, (plugin.what.on,)).fetchall()
        for owner, unit in owners:
            entry = old.get(f"{name} {owner}")
            there = entry is not None and all((out / file).is_file() for file in entry[1])
            listed = (
                sorted(papers.get(unit, []), key=lambda p: p["file"]) if isinstance(plugin.what, Page) and unit else []
            )
            yield plugin.what.id, owner, stored.get(owner), entry[0] if entry and there else "", listed


def _carry(old: Mapping[str, Any], kind: str, table: dict[str, Any], shown: dict[str, list[Mapping[str, str]]]) -> None:
    """Keep what another build made of the kind that this one leaves alone."""
    prefixes = ("paper:",) if kind == "papers" else ("page:", "asset ")
    for job, entry in old.items():
        if job.startswith(prefixes):
            table[job] = entry
            if kind == "papers":
                shown.setdefault(entry[2], []).append(entry[3])


def _assets(run: Run, staging: Path, out: Path, table: dict[str, Any], old: Mapping[str, Any]) -> int:
    """Stage the site's own files (style, script, icons) where they differ; return how many."""
    new = 0
    for name, data in _templates("site", run.catalogue.templates).items():
        if name.startswith("assets/"):
            key = digest_of([(name, data)])
            if old.get(f"asset {name}", [""])[0] != key or not (out / name).is_file():
                write_staged(staging, {name: data})
                new += 1
            table[f"asset {name}"] = [key, [name], "", {}]
    return new


def _manifest(run: Run, table: Mapping[str, Any]) -> dict[str, Any]:
    commit = run.tree.revision or (run.tree.git.resolve("HEAD") if run.tree.git else None) or ""
    folders = folders_of(path for kind in run.catalogue.kinds.values() for path in kind.paths)
    dirty = any(concerns(path, folders) or is_code(path) for path in run.tree.overlay)
    clock = datetime.fromtimestamp(min(run.clock // 1_000_000, _LAST), UTC)
    at = clock.astimezone(ZoneInfo(run.config.zone)).isoformat()
    errors = sum(1 for finding in run.findings() if finding.severity is Severity.ERROR)
    told = {"format": FORMAT, "commit": commit, "clean": not dirty, "at": at, "errors": errors}
    return told | {"jobs": dict(table)}
