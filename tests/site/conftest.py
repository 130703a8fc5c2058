"""Sites as the command builds them, once a session: of the base workspace, of the sample, and of hostile documents."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.site.hostile import poison

ROOT = Path(__file__).parent.parent.parent
BASE = ROOT / "tests" / "data" / "base"
PARTS = ("orderctl.yaml", "policy", "catalog", "customers", "orders", "stock", "calendar")
CHROMIUM = "/usr/bin/chromium"


def build(workspace: Path, out: Path, as_of: str, *, exits: tuple[int, ...] = (0,)) -> Path:
    """Build the site of ``workspace`` by the command itself."""
    orderctl = str(Path(sys.executable).parent / "orderctl")
    command = [orderctl, "build", "--only", "site", "--as-of", as_of, "--out", str(out)]
    done = subprocess.run(command, cwd=workspace, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode in exits, done.stdout + done.stderr
    return out


@pytest.fixture(scope="session")
def base_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    shutil.copytree(BASE, folder / "shop")
    return build(folder / "shop", folder / "out", "2024-05-24")


@pytest.fixture(scope="session")
def sample_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's sample on the last day of its year, when some orders have become late."""
    folder = tmp_path_factory.mktemp("sample")
    (folder / "shop").mkdir()
    for part in PARTS:
        (shutil.copytree if (ROOT / part).is_dir() else shutil.copy)(ROOT / part, folder / "shop" / part)
    return build(folder / "shop", folder / "out", "2024-12-31", exits=(0, 10))


@pytest.fixture(scope="session")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every free text of every document ends in markup. Rules may object (exit 10); the site is built all the same."""
    folder = tmp_path_factory.mktemp("hostile")
    shutil.copytree(BASE, folder / "shop")
    poison(folder / "shop", ROOT / "schemas")
    return build(folder / "shop", folder / "out", "2024-05-24", exits=(0, 10))


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is missing: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()
