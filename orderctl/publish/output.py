"""The output folder: what it was made from (build.json), files replaced one by one, a first build moved in whole."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from orderctl.writing import write_inside

MANIFEST = "build.json"
FORMAT = 1


def read_manifest(out: Path) -> dict[str, Any]:
    """Return what ``out`` was made from: {"jobs": {job: [key, files]}, …}; {} if it can't be gone on with."""
    try:
        data = json.loads((out / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return {}
    if not isinstance(data, dict) or data.get("format") != FORMAT or not isinstance(data.get("jobs"), dict):
        return {}
    return data


def write_staged(staging: Path, files: Mapping[str, bytes]) -> None:
    """Write files below the staging folder."""
    for name, data in files.items():
        target = staging / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def finish(out: Path, staging: Path, keep: Iterable[str], manifest: Mapping[str, Any]) -> None:
    """Bring the staged files into ``out``: the folder is swapped when ``out`` is new or foreign, else its files are
    replaced, those that nothing made are deleted, and the manifest comes last."""
    text = (json.dumps(manifest, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()
    if not read_manifest(out):
        (staging / MANIFEST).write_bytes(text)
        _swap(out, staging)
        return
    wanted = set(keep)
    for file in sorted(_files(staging)):
        (out / file).parent.mkdir(parents=True, exist_ok=True)
        os.replace(staging / file, out / file)
    for file in sorted(_files(out)):
        if file not in wanted and file != MANIFEST:
            (out / file).unlink()
            _prune((out / file).parent, out)
    write_inside(out, MANIFEST, text)
    shutil.rmtree(staging)


def _swap(out: Path, staging: Path) -> None:
    old = staging.with_name(staging.name + ".old")
    if out.exists():
        os.replace(out, old)
    os.replace(staging, out)
    shutil.rmtree(old, ignore_errors=True)


def _files(folder: Path) -> Iterable[str]:
    for here, _, names in os.walk(folder):
        for name in names:
            yield os.path.relpath(os.path.join(here, name), folder)


def _prune(folder: Path, top: Path) -> None:
    while folder != top:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent


def sweep(parent: Path, prefix: str) -> None:
    """Delete staging folders that an interrupted build of a dead process left behind."""
    for leftover in parent.glob(f"{prefix}*"):
        pid = leftover.name.removeprefix(prefix).partition(".")[0]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(leftover, ignore_errors=True)
