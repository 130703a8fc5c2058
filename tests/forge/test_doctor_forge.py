"""H09, H10, T6.8: what doctor finds in a forge's rulesets and in CODEOWNERS."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from orderctl.doctor.codeowners import lint
from orderctl.doctor.rulesets import judge, load_rulesets
from orderctl.model import SetupError
from tests.forge.examine import codes, context
from tests.forge.server import Answer, Forge
from tests.workspaces import orderctl

GOOD: list[dict[str, Any]] = [
    {
        "id": 1,
        "name": "main",
        "target": "branch",
        "enforcement": "active",
        "conditions": {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}},
        "bypass_actors": [],
        "rules": [
            {"type": "non_fast_forward"},
            {"type": "deletion"},
            {
                "type": "pull_request",
                "parameters": {
                    "required_approving_review_count": 1,
                    "dismiss_stale_reviews_on_push": True,
                    "require_last_push_approval": True,
                    "allowed_merge_methods": ["merge"],
                },
            },
            {
                "type": "required_status_checks",
                "parameters": {
                    "strict_required_status_checks_policy": True,
                    "required_status_checks": [{"context": "gate", "integration_id": 15368}],
                },
            },
        ],
    }
]


def test_h10_rulesets_as_they_should_be() -> None:
    assert codes(judge("shop/orders", GOOD)) == []


DRIFT: dict[str, tuple[str, Any, list[str]]] = {
    "H09 no source": ("rules/3/parameters/required_status_checks/0/integration_id", None, ["forge.check_forgeable"]),
    "H09 another source": ("rules/3/parameters/required_status_checks/0/integration_id", 7, ["forge.check_forgeable"]),
    "H09 true": ("rules/3/parameters/required_status_checks/0/integration_id", True, ["forge.check_forgeable"]),
    "H10 another check": ("rules/3/parameters/required_status_checks/0/context", "lint", ["forge.check_missing"]),
    "H10 not strict": ("rules/3/parameters/strict_required_status_checks_policy", False, ["forge.rule_loose"]),
    "H10 no review": ("rules/2/parameters/required_approving_review_count", 0, ["forge.rule_loose"]),
    "H10 stale reviews stay": ("rules/2/parameters/dismiss_stale_reviews_on_push", False, ["forge.rule_loose"]),
    "H10 last push": ("rules/2/parameters/require_last_push_approval", False, ["forge.rule_loose"]),
    "H10 squash": ("rules/2/parameters/allowed_merge_methods", ["merge", "squash"], ["forge.rule_loose"]),
    "H10 force push": ("rules/0/type", "creation", ["forge.rule_missing"]),
    "H10 deletion": ("rules/1/type", "creation", ["forge.rule_missing"]),
    "H10 a bypass": ("bypass_actors", [{"actor_id": 5, "actor_type": "RepositoryRole"}], ["forge.bypass"]),
    "H10 bypass unseen": ("bypass_actors", None, ["forge.bypass_unknown"]),
    "H10 only tried out": ("enforcement", "evaluate", ["forge.rule_missing"] * 4),
    "H10 for tags": ("target", "tag", ["forge.rule_missing"] * 4),
    "H10 for other branches": ("conditions/ref_name/include", ["refs/heads/dev"], ["forge.rule_missing"] * 4),
    "H10 with an exception": ("conditions/ref_name/exclude", ["refs/heads/main"], ["forge.rule_missing"] * 4),
    "of another form": ("rules", "all", ["forge.rule_missing"] * 4),
}


@pytest.mark.parametrize("name", DRIFT)
def test_h10_drift(name: str) -> None:
    path, value, expected = DRIFT[name]
    rulesets = copy.deepcopy(GOOD)
    place: Any = rulesets[0]
    *parts, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    for part in parts:
        place = place[part]
    place[last] = value
    assert codes(judge("shop/orders", rulesets)) == expected


def test_rulesets_of_the_forge_and_of_a_file(forge: Forge, tmp_path: Path) -> None:
    api = "/api/v3/repos/shop/orders/rulesets"
    forge.put(api, [{"id": 1, "name": "main"}])
    forge.put(f"{api}/1", GOOD[0])
    assert load_rulesets(f"github:{forge.url}/shop/orders") == GOOD
    file = tmp_path / "rulesets.json"
    file.write_text(json.dumps(GOOD))
    assert load_rulesets(str(file)) == GOOD
    forge.routes[f"{api}/1"] = Answer({}, 403)
    with pytest.raises(SetupError, match="no permission"):
        load_rulesets(f"github:{forge.url}/shop/orders")
    for text in ("{}", "[1]", "x"):
        file.write_text(text)
        with pytest.raises(ValueError, match=r"."):
            load_rulesets(str(file))


def test_doctor_asks_the_forge(forge: Forge, tmp_path: Path) -> None:
    root = tmp_path / "w"
    root.mkdir()
    (root / "orderctl.yaml").write_text("schema: config/1\n")
    context(root)
    file = tmp_path / "rulesets.json"
    file.write_text(json.dumps(GOOD))
    good = orderctl(root, "doctor", "--live", str(file))
    assert "forge." not in good.stdout
    api = "/api/v3/repos/shop/orders/rulesets"
    forge.put(api, [{"id": 1, "name": "main"}])
    forge.put(f"{api}/1", GOOD[0] | {"bypass_actors": [{"actor_id": 5}]})
    text = f"github:{forge.url}/shop/orders"
    done = orderctl(root, "doctor", "--live", text)
    assert done.returncode == 10
    assert "error [forge.bypass] the ruleset main lets 1 roles or apps go around it" in done.stdout
    forge.routes[api] = Answer({}, 500)
    assert "error [forge.silent]" in orderctl(root, "doctor", "--live", text).stdout
    nowhere = orderctl(root, "doctor", "--live")
    assert (nowhere.returncode, "forge." in nowhere.stdout) == (10, False)


OWNERS: dict[str, tuple[str, list[tuple[str, int]]]] = {
    "sound": ("* @shop/sales\n# a remark\n/policy/ @boss\norderctl.yaml boss@shop.example # who\n", []),
    "negated": ("!/orders/ @boss\n", [("codeowners.line", 1)]),
    "a set of characters": ("/orders/[0-9]* @boss\n", [("codeowners.line", 1)]),
    "no owner's form": ("* boss\n", [("codeowners.line", 1)]),
    "the last one wins": (
        "/policy/ @boss\n* @shop/sales\n/policy/people.yaml\n",
        [("codeowners.unowned", 3)],
    ),
    "nobody for anything": ("/policy/ @boss\n*\n", [("codeowners.unowned", 2)] * 5),
    "below any folder": ("* @boss\nflows.yaml\n", [("codeowners.unowned", 2)]),
    "two stars": ("* @boss\n.github/**/gate.yml\n", [("codeowners.unowned", 2)]),
    "another folder": ("* @boss\n/docs/\n/policy/*.txt\n", []),
}


@pytest.mark.parametrize("name", OWNERS)
def test_t68_codeowners(name: str) -> None:
    text, expected = OWNERS[name]
    assert [(f.rule, f.line) for f in lint("CODEOWNERS", text.encode())] == expected


def test_t68_too_big() -> None:
    size = 3 * 1024 * 1024
    assert codes(lint("CODEOWNERS", b"#" * size)) == []
    assert codes(lint("CODEOWNERS", b"#" * (size + 1))) == ["codeowners.size"]


def test_t68_two_files(tmp_path: Path) -> None:
    from orderctl.doctor.codeowners import check as check_owners

    (tmp_path / "orderctl.yaml").write_text("schema: config/1\n")
    (tmp_path / "docs").mkdir()
    for path in ("CODEOWNERS", "docs/CODEOWNERS"):
        (tmp_path / path).write_text("* @boss\n")
    found = list(check_owners(context(tmp_path)))
    assert [(f.rule, f.path, f.params["other"]) for f in found] == [
        ("codeowners.hidden", "docs/CODEOWNERS", "CODEOWNERS")
    ]
