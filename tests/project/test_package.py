"""The wheel, built through the sdist and installed alone, works outside the checkout. What is imported is declared."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DATA = ("schemas", "plugins", "templates")
SAMPLE = ("orderctl.yaml", "calendar", "catalog", "customers", "orders", "policy", "stock")

MODULE_OF = {
    "fonttools": "fontTools",
    "gitpython": "git",
    "jsonschema-rs": "jsonschema_rs",
    "phonenumberslite": "phonenumbers",
    "python-stdnum": "stdnum",
    "pyyaml": "yaml",
    "ruamel.yaml": "ruamel",
}
"""Distribution → module, where the names differ."""


def tracked(*paths: str) -> set[str]:
    """Return the files that Git tracks below ``paths``."""
    listed = subprocess.run(["git", "ls-files", "-z", *paths], cwd=ROOT, capture_output=True, check=True)
    return {name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).exists()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the sdist of a copy of what Git tracks."""
    folder = tmp_path_factory.mktemp("build")
    for name in tracked():
        target = folder / "source" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder / "dist"), str(folder / "source")],
        check=True,
        capture_output=True,
    )
    return next((folder / "dist").glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``orderctl`` program of a fresh environment: the wheel, and the libraries of this one."""
    folder = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin/python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, str(wheel)], check=True)
    libraries = next(folder.glob("lib/python*/site-packages")) / "libraries.pth"
    libraries.write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder / "bin/orderctl"


def run(program: Path, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the installed program as a user with an empty home."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8"}
    return subprocess.run(
        [str(program), *arguments], cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False
    )


def test_the_wheel_carries_the_data_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    data = {f"orderctl/_data/{name}" for name in tracked(*DATA)}
    sample = {f"orderctl/_data/sample/{name}" for name in tracked(*SAMPLE)}
    assert {name for name in names if name.startswith("orderctl/_data/")} == data | sample
    code = {name for name in names if name.startswith("orderctl/") and "/_data/" not in name}
    compiled = {name for name in code if name.endswith(".mo")}
    assert code - compiled == tracked("orderctl")
    assert len(compiled) == len([name for name in code if name.endswith(".po")]) > 0
    assert {name.split("/")[0] for name in names} == {"orderctl", f"orderctl-{PROJECT['project']['version']}.dist-info"}


def test_a_new_workspace_checks_clean(installed: Path, tmp_path: Path) -> None:
    made = run(installed, "init", "shop", folder=tmp_path)
    assert made.returncode == 0, made.stderr
    checked = run(installed, "check", folder=tmp_path / "shop")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_sample_travels_with_it(installed: Path, tmp_path: Path) -> None:
    made = run(installed, "demo", "living", folder=tmp_path)
    assert made.returncode == 0, made.stderr
    checked = run(installed, "check", "--output", "json", folder=tmp_path / "living")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert re.search(r'"documents": *[1-9]\d\d', checked.stdout), checked.stdout[-300:]


def imports(*folders: str) -> Iterator[tuple[Path, str]]:
    """Yield (file, full module name) of every import in the Python files of ``folders``."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    yield from ((path, alias.name) for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module:
                    yield path, node.module


def modules(requirements: list[str]) -> set[str]:
    """Return the modules that requirement strings bring."""
    names = (re.split(r"[<>=\[; ]", requirement)[0] for requirement in requirements)
    return {MODULE_OF.get(name, name) for name in names}


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    declared = modules(PROJECT["project"]["dependencies"]) | modules(extras["pdf"])
    used = {name.split(".")[0] for _, name in imports("orderctl", "plugins")}
    read = {"tzdata"}  # by zoneinfo, on machines without time zones of their own
    assert used - sys.stdlib_module_names - {"orderctl"} == declared - read


def test_plugins_use_what_a_company_could_use() -> None:
    """Of orderctl, business imports the exported names and the public helpers: built-ins have no private way in."""
    public = {
        "orderctl",
        "orderctl.money",
        "orderctl.workdays",
        "orderctl.words",
        "orderctl.walk",
        "orderctl.particulars",
        "orderctl.pulls",
        "orderctl.approvals",
    }
    private = [
        f"{path.relative_to(ROOT)}: {name}"
        for path, name in imports("plugins")
        if name.split(".")[0] == "orderctl" and name not in public
    ]
    assert private == []


def test_core_stays_small_and_heavy_things_are_extras() -> None:
    assert not {"weasyprint", "fontTools"} & modules(PROJECT["project"]["dependencies"])
