"""Every example of docs/policy.md is a policy that loads, or a document that its schema accepts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from orderctl.load import load
from orderctl.trust.policy import MANIFEST, PolicyError, load_policy, manifest
from orderctl.validate import Validator
from tests.schema.helper import kinds
from tests.workspaces import BASE

KINDS, _ = kinds()
PAGE = (Path(__file__).resolve().parents[2] / "docs/policy.md").read_text("utf-8")
BLOCKS = re.findall(r"(?ms)^```yaml\n(.*?)^```$", PAGE)
WHOLE = {block.split("/", 1)[0].removeprefix("schema: "): block for block in BLOCKS if block.startswith("schema: ")}
POLICY = "- id: policy\n  subject: policy\n  stages:\n    - {id: admin, role: policy-admin, zh: 管理员, en: Admin}\n"


def flows(fragment: str) -> str:
    """Return a document of these flows, with one for the policy."""
    known = {w["id"] for w in (load("x", f"flows:\n{fragment}".encode())[0] or {})["flows"]}
    more = POLICY if "policy" not in known else ""
    others = {"standard"} - known  # the flow that the page's deputy is limited to
    more += "".join(
        POLICY.replace("policy\n", f"{id}\n", 1).replace("subject: policy", "subject: order") for id in others
    )
    return f"schema: flows/1\nflows:\n{fragment}{more}"


def faults(**texts: str) -> list[str]:
    """Return what is wrong with the page's policy when ``texts`` stand for some of its files."""
    parts = {name: WHOLE[name] for name in ("people", "permissions", "revoked")} | {"flows": flows(POLICY)} | texts
    files = {f"policy/{name}.yaml": text.encode() for name, text in parts.items()}
    files["orderctl.yaml"] = (BASE / "orderctl.yaml").read_bytes()
    files[MANIFEST] = manifest(files, None, "bai-lu", "start", "2024-05-06T17:00:00+08:00")
    try:
        load_policy(lambda path: ("100644", files[path]) if path in files else None, KINDS)
    except PolicyError as error:
        return [f"{f.path} {f.pointer} {f.rule} {dict(f.params)}" for f in error.findings]
    return []


@pytest.mark.parametrize("block", BLOCKS, ids=[f"{n} {b[:12]}" for n, b in enumerate(BLOCKS)])
def test_the_example_loads(block: str) -> None:
    kind = block.split("/", 1)[0].removeprefix("schema: ") if block.startswith("schema: ") else ""
    if kind in ("people", "permissions", "revoked"):
        assert faults(**{kind: block}) == []
    elif kind == "flows":
        assert faults(flows=block) == []
    elif kind:
        value, findings = load(kind, block.encode())
        assert findings == []
        assert Validator(KINDS).findings(kind, kind, value) == []
    elif block.startswith("deputies:"):
        assert faults(people=WHOLE["people"] + block) == []
    else:
        assert block.startswith("- id: ")
        assert faults(flows=flows(block)) == []


def test_both_readings_of_the_urgent_lane_are_there() -> None:
    urgent = [b for b in BLOCKS if b.startswith("- id: urgent")]
    assert ["ratify: true" in b for b in urgent] == [True, False]
