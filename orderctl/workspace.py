"""Where the workspace is, what its orderctl.yaml says, and the run's clock."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from orderctl.book.reader import microseconds
from orderctl.git import Git, discover
from orderctl.load import load
from orderctl.model import SetupError
from orderctl.tree import Tree

CONFIG = "orderctl.yaml"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A company's folder. ``root`` is None for a bare repository; ``prefix`` is the root's place in its repository."""

    root: Path | None
    git: Git | None
    prefix: str = ""

    @property
    def state(self) -> Path:
        """The folder for derived files (the book, locks), outside what is checked."""
        if self.root is not None:
            return self.root / ".orderctl"
        assert self.git is not None
        return self.git.git_dir / "orderctl"


def find_workspace(start: Path | None = None) -> Workspace:
    """Return the workspace that ``start`` (default: the current folder) lies in; raise SetupError if there is none."""
    try:
        here = (start or Path.cwd()).absolute()
    except FileNotFoundError:
        raise _missing(Path(".")) from None
    git = discover(here) if here.is_dir() else None
    if git is not None and git.top is None and (git.git_dir == here or git.git_dir in here.parents):
        return Workspace(None, git)
    for folder in (here, *here.parents):
        if (folder / CONFIG).is_file():
            if git is None or git.top is None:
                return Workspace(folder, None)
            try:
                prefix = folder.resolve().relative_to(git.top.resolve()).as_posix()
            except ValueError:
                return Workspace(folder, None)
            return Workspace(folder, git, "" if prefix == "." else prefix)
    raise _missing(here)


def _missing(here: Path) -> SetupError:
    return SetupError(
        "setup.no_workspace",
        f"{here} 及其上级文件夹里没有 {CONFIG}，不是 orderctl 工作区。新建一个：orderctl init 文件夹",
        f"there is no {CONFIG} in {here} or above it: not an orderctl workspace. Start one: orderctl init DIR",
    )


@dataclass(frozen=True, slots=True)
class Config:
    """What the machine itself needs of orderctl.yaml; {} and defaults where the file is missing or broken."""

    data: Mapping[str, Any]
    zone: str
    languages: tuple[str, ...]
    currency: str
    sample: bool
    rules: Mapping[str, Mapping[str, Any]]


def read_config(tree: Tree) -> Config:
    """Return the configuration in ``tree``; what is wrong with it are findings of the ordinary check."""
    return config_of(tree.read(CONFIG))


def config_of(raw: bytes | None) -> Config:
    """Return the configuration that these bytes of orderctl.yaml say."""
    data = (load(CONFIG, raw)[0] if raw is not None else None) or {}
    zone = data.get("time_zone")
    try:
        ZoneInfo(str(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone = "Asia/Shanghai"
    languages = data.get("languages")
    known = tuple(x for x in languages if x in ("zh", "en")) if isinstance(languages, list) else ()
    rules = data.get("rules")
    return Config(
        data,
        str(zone),
        known or ("zh", "en"),
        str(data.get("currency") or "CNY"),
        data.get("sample") is True,
        {k: v for k, v in rules.items() if isinstance(v, dict)} if isinstance(rules, dict) else {},
    )


def clock(config: Config, as_of: str | None) -> int:
    """Return the run's time as microseconds since 1970: ``as_of`` (RFC 3339 or a date: its end in company time),
    else the day that a sample workspace tells of, else now. Raises SetupError for text that is no time."""
    text = as_of if as_of is not None else str(config.data.get("clock") or "") if config.sample else ""
    if not text and as_of is None:
        return time.time_ns() // 1000
    try:
        return microseconds(text, ZoneInfo(config.zone))
    except ValueError:
        raise SetupError(
            "setup.as_of",
            f"“{text}”不是日期或时间。写成 2024-05-20 或 2024-05-20T18:00:00+08:00",
            f"{text!r} is no date or time. Write 2024-05-20 or 2024-05-20T18:00:00+08:00",
        ) from None
