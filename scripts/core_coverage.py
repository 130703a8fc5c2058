"""How many branches of the security core do its tests take? ``python -m scripts.core_coverage``, a quarter of an hour.

Hooks, the gate and the audit mostly run in processes of their own, forked or started by git: each of them measures
itself, also one that ends by ``os._exit``. Name tests to run those only, ``--only trust/pgp`` to see some modules;
``--data FOLDER`` keeps what was measured and adds it to what an earlier run has left there.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CORE = ("orderctl/trust/*", "orderctl/gate.py", "orderctl/approvals.py", "orderctl/hooks/*", "orderctl/audit/*")
TESTS = ("tests/trust", "tests/server", "tests/forge", "tests/test_approvals.py")
SETTINGS = """[run]
branch = true
parallel = true
data_file = {folder}/data
include =
    {core}
patch = _exit
disable_warnings = no-data-collected
"""


def main() -> None:
    """Run the tests and print what they leave out; the exit code is that of the tests."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tests", nargs="*", default=TESTS)
    parser.add_argument("--only", nargs="*", default=("",), help="modules whose path holds one of these words")
    parser.add_argument("--data", help="a folder for what is measured, kept; without it nothing is")
    parser.add_argument("--workers", default="0", help="pytest's processes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() if options.data is None else nullcontext(options.data) as folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        settings = Path(folder) / "settings"
        core = "\n    ".join(str(ROOT / path) for path in CORE)
        settings.write_text(SETTINGS.format(folder=folder, core=core), encoding="utf-8")
        # coverage's own .pth file starts it in every Python that sees this variable, `python -I` included
        environment = os.environ | {"COVERAGE_PROCESS_START": str(settings)}
        command = [sys.executable, "-m", "pytest", "-q", f"-n{options.workers}", "-p", "no:cacheprovider"]
        done = subprocess.run([*command, *options.tests], cwd=ROOT, env=environment, check=False)
        tell(report(folder, settings), options.only)
    sys.exit(done.returncode)


def report(folder: str, settings: Path) -> dict[str, Any]:
    """Return what all processes together have run, as ``coverage json`` says it."""
    from coverage import Coverage

    coverage = Coverage(config_file=str(settings))
    coverage.load()
    coverage.combine([folder])
    coverage.save()
    coverage.json_report(outfile=f"{folder}/report.json")
    found: dict[str, Any] = json.loads((Path(folder) / "report.json").read_text(encoding="utf-8"))
    return found


def tell(found: dict[str, Any], only: tuple[str, ...]) -> None:
    """Print a line for each module: branches taken, of how many; then where the others are."""
    taken = of = 0
    for path, module in sorted(found["files"].items()):
        name = str(Path(path).relative_to(ROOT)) if Path(path).is_absolute() else path
        if not any(word in name for word in only):
            continue
        summary, left = module["summary"], [f"{a}→{b}" for a, b in module["missing_branches"]]
        here, all_here = summary["covered_branches"], summary["num_branches"]
        taken, of = taken + here, of + all_here
        lines = f"; lines {' '.join(map(str, module['missing_lines']))}" if module["missing_lines"] else ""
        print(f"{name}: {here / all_here if all_here else 1:.0%} {here}/{all_here} {' '.join(left)}{lines}".rstrip())
    print(f"all: {taken / max(1, of):.1%} {taken}/{of}")


if __name__ == "__main__":
    main()
