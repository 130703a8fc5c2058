"""GitHub's rulesets (``--live``): do they force every change of the default branch through the gate, everybody's?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orderctl.codes import forge as codes
from orderctl.model import Finding, SetupError

if TYPE_CHECKING:
    from orderctl.doctor import Context

CHECK = "gate"
"""The name of the required check."""
ACTIONS = 15368
"""GitHub Actions, as an app on github.com."""
_RULES: Mapping[str, Mapping[str, Any]] = {
    "non_fast_forward": {},
    "deletion": {},
    "pull_request": {
        "dismiss_stale_reviews_on_push": True,
        "require_last_push_approval": True,
        "allowed_merge_methods": ["merge"],
    },
    "required_status_checks": {"strict_required_status_checks_policy": True},
}
"""Rule → parameters that must be so."""
_BRANCHES = frozenset({"~DEFAULT_BRANCH", "~ALL", "refs/heads/main"})
_LIMIT = 4 * 1024 * 1024
_REMOTE = re.compile(r"(?:https://(?:[^@/]+@)?|ssh://git@|git@)github\.com[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?")


def check(context: Context) -> Iterator[Finding]:
    """Yield where the rulesets are looser than they must be; nothing without ``--live``."""
    if not context.live:
        return
    text = _origin(context) if context.live == "origin" else context.live
    if not text:
        return
    try:
        rulesets = load_rulesets(text)
    except (SetupError, OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        problem = " ".join(str(error).split())[:300]
        yield codes.FORGE_SILENT.at("", commit="", person="", problem=f"{text}: {problem}")
        return
    yield from judge(text, rulesets)


def load_rulesets(text: str) -> Sequence[Mapping[str, Any]]:
    """Return the rulesets of ``github:owner/name`` as its API gives them, or of a JSON file that holds such a list.

    Raises ValueError, OSError or SetupError when they can't be had.
    """
    if text.startswith("github:"):
        found = _ask(text)
    else:
        with Path(text).open("rb") as file:
            found = json.loads(file.read(_LIMIT))
    return _list(found)


def _list(found: Any) -> Sequence[Mapping[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise ValueError("a list of rulesets was expected")
    return found


def _ask(text: str) -> list[Any]:
    import os

    from orderctl.trust.connection import Connection

    match = re.fullmatch(r"github:(?:(https?://[^/@\s#?]+)/)?([\w.-]+)/([\w.-]+)", text)
    if not match:
        raise ValueError("it should read github:owner/name")
    base = match[1] or "https://github.com"
    api = "https://api.github.com" if base == "https://github.com" else f"{base}/api/v3"
    connection = Connection(api, os.environ.get("GITHUB_TOKEN", "").strip(), "Bearer", "GITHUB_TOKEN", 10.0, 60.0)
    place = ("repos", match[2], match[3], "rulesets")
    known = connection.pages(*place, includes_parents="true", per_page=100)
    return [connection.get(*place, each["id"]) for each in known]


def _origin(context: Context) -> str:
    """Return what the remote origin is on GitHub, or ""."""
    url = context.git.try_run("config", "--get", "remote.origin.url").stdout.decode(errors="replace").strip()
    match = _REMOTE.fullmatch(url)
    return f"github:{match[1]}" if match else ""


def judge(repository: str, rulesets: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Yield the findings about these rulesets; only active ones that hold for the default branch protect anything."""
    active = [ruleset for ruleset in rulesets if _holds(ruleset)]
    rules = [rule for ruleset in active for rule in _dicts(ruleset.get("rules"))]
    common: dict[str, Any] = {"commit": "", "person": "", "repository": repository}
    for ruleset in active:
        name = str(ruleset.get("name", ""))
        actors = ruleset.get("bypass_actors")
        if not isinstance(actors, list):
            yield codes.FORGE_BYPASS_UNKNOWN.at("", **common, ruleset=name)
        elif actors:
            yield codes.FORGE_BYPASS.at("", **common, ruleset=name, count=len(actors))
    for rule, wanted in _RULES.items():
        said = [_parameters(each) for each in rules if each.get("type") == rule]
        if not said:
            yield codes.FORGE_RULE_MISSING.at("", **common, rule=rule)
            continue
        for name, value in wanted.items():
            if all(each.get(name) != value for each in said):
                shown = json.dumps(said[0].get(name))
                yield codes.FORGE_RULE_LOOSE.at(
                    "", **common, rule=rule, name=name, value=shown, wanted=json.dumps(value)
                )
    yield from _reviews(common, rules)
    yield from _checks(common, rules)


def _holds(ruleset: Mapping[str, Any]) -> bool:
    conditions = ruleset.get("conditions")
    names = conditions.get("ref_name") if isinstance(conditions, dict) else None
    include = names.get("include") if isinstance(names, dict) else None
    exclude = names.get("exclude") if isinstance(names, dict) else None
    return (
        ruleset.get("target") == "branch"
        and ruleset.get("enforcement") == "active"
        and isinstance(include, list)
        and any(name in _BRANCHES for name in include if isinstance(name, str))
        and not exclude
    )


def _reviews(common: Mapping[str, Any], rules: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    said = [_parameters(rule) for rule in rules if rule.get("type") == "pull_request"]
    name = "required_approving_review_count"
    counts = [each.get(name) for each in said]
    if said and not any(type(count) is int and count >= 1 for count in counts):
        yield codes.FORGE_RULE_LOOSE.at(
            "", **common, rule="pull_request", name=name, value=json.dumps(counts[0]), wanted="1"
        )


def _checks(common: Mapping[str, Any], rules: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Yield unless the gate's check is required and can come from one app only."""
    said = [_parameters(rule) for rule in rules if rule.get("type") == "required_status_checks"]
    if not said:
        return
    required = [each for parameters in said for each in _dicts(parameters.get("required_status_checks"))]
    sources = [each.get("integration_id") for each in required if each.get("context") == CHECK]
    if not sources:
        yield codes.FORGE_CHECK_MISSING.at("", **common, check=CHECK)
    elif not any(type(source) is int and source == ACTIONS for source in sources):
        yield codes.FORGE_CHECK_FORGEABLE.at(
            "", **common, check=CHECK, value=json.dumps(sources[0]), wanted=str(ACTIONS)
        )


def _parameters(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    found = rule.get("parameters")
    return found if isinstance(found, dict) else {}


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
