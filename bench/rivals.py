"""What orderctl is measured against on the same files: check-jsonschema, and CSafeLoader + jsonschema-rs in a loop."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.measure import Cost, run

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Rate:
    """check-jsonschema on one kind: files there are, files tried, seconds to start, seconds a document."""

    kind: str
    files: int
    tried: int
    start: float
    each: float


def bundle(kind: str) -> dict[str, Any]:
    """Return the kind's schema with the shared types inside, as a tool without our registry needs it."""
    schema: dict[str, Any] = json.loads((ROOT / f"schemas/{kind}.schema.json").read_text(encoding="utf-8"))
    types = json.loads((ROOT / "schemas/_types.schema.json").read_text(encoding="utf-8"))
    return {**schema, "$defs": {**schema.get("$defs", {}), "types": types}}


def by_kind(folder: Path) -> dict[str, list[Path]]:
    """Return the documents below ``folder`` by kind, sorted by path."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*.yaml")):
        with path.open(encoding="utf-8") as lines:
            kind = next(lines).removeprefix("schema: ").split("/")[0]
        found.setdefault(kind, []).append(path)
    return found


def check_jsonschema(folder: Path, sample: int, scratch: Path) -> Iterator[Rate]:
    """Yield check-jsonschema's rate for each kind, from at most ``sample`` files spread evenly over the kind's."""
    program = str(Path(sys.executable).parent / "check-jsonschema")
    for kind, files in sorted(by_kind(folder).items()):
        schema = scratch / f"{kind}.json"
        schema.write_text(json.dumps(bundle(kind)), encoding="utf-8")
        command = [program, "--no-cache", "--schemafile", str(schema)]
        chosen = [str(path) for path in files[:: max(1, len(files) // sample)][:sample]]
        one = run([*command, chosen[0]], folder).wall
        each = max(0.0, run([*command, *chosen], folder).wall - one) / (len(chosen) - 1) if len(chosen) > 1 else 0.0
        yield Rate(kind, len(files), len(chosen), one - each, each)


def bare_loop(folder: Path) -> Cost:
    """Return what it costs to read every document with CSafeLoader and judge it with jsonschema-rs, no more."""
    return run([sys.executable, "-m", "bench.rivals", str(folder)], ROOT)


def _loop(folder: Path) -> None:
    """Read and validate every document; stop at the first that isn't valid."""
    import jsonschema_rs
    import yaml

    class Loader(yaml.CSafeLoader):
        """YAML 1.1 takes `on` for true and days for objects, which no schema accepts."""

    Loader.yaml_implicit_resolvers = {
        first: [(tag, form) for tag, form in known if tag != "tag:yaml.org,2002:timestamp" and first not in "yYnNoO"]
        for first, known in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }
    types = json.loads((ROOT / "schemas/_types.schema.json").read_text(encoding="utf-8"))
    registry = jsonschema_rs.Registry([("orderctl:types", types)])
    validators: dict[str, Any] = {}
    for path in sorted(folder.rglob("*.yaml")):
        data = yaml.load(path.read_bytes(), Loader)  # noqa: S506  (safe: a subclass of the safe loader)
        kind = data["schema"].split("/")[0]
        if kind not in validators:
            schema = json.loads((ROOT / f"schemas/{kind}.schema.json").read_text(encoding="utf-8"))
            validators[kind] = jsonschema_rs.Draft202012Validator(schema, registry=registry)
        validators[kind].validate(data)


if __name__ == "__main__":
    _loop(Path(sys.argv[1]))
