"""The files that a policy consists of: which they are, and each one read strictly, with what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from orderctl.codes import policy as codes
from orderctl.codes import schema as schema_codes
from orderctl.codes import text as text_codes
from orderctl.load import MAX_BYTES, load
from orderctl.model import Finding
from orderctl.tree import REGULAR
from orderctl.trust.refusal import Refusal
from orderctl.validate import Validator

Read = Callable[[str], tuple[str, bytes] | None]
"""Path → (mode, bytes), None if there is no such file."""

CONFIG, MANIFEST = "orderctl.yaml", "policy/policy.yaml"
PEOPLE, FLOWS = "policy/people.yaml", "policy/flows.yaml"
PERMISSIONS, REVOKED = "policy/permissions.yaml", "policy/revoked.yaml"
FILES: Mapping[str, str] = MappingProxyType(
    {
        CONFIG: "workspace",
        MANIFEST: "policy",
        PEOPLE: "people",
        FLOWS: "flows",
        PERMISSIONS: "permissions",
        REVOKED: "revoked",
    }
)
"""Each file that every policy has → the kind of document that it is."""
_FORGES = (".github/", ".gitlab/", ".gitea/", ".forgejo/")
_FOLDERS = ("policy/", "schemas/", "plugins/", "templates/", "calendar/", *_FORGES)
_RECORDS = ("policy/approvals/", "policy/receipts/")
_SINGLE = frozenset((CONFIG, ".gitlab-ci.yml", "CODEOWNERS", "docs/CODEOWNERS", "pyproject.toml"))


def is_trusted(path: str) -> bool:
    """Tell whether a path decides how others are judged: it changes only by a policy change."""
    if path.startswith(_FOLDERS):
        return not path.startswith(_RECORDS)
    return path in _SINGLE or path.rpartition("/")[2].casefold() == ".gitattributes"  # as some file systems read it


def wrong(path: str, pointer: str, zh: str, en: str, advice_zh: str, advice_en: str) -> Finding:
    """Return the finding that a policy says something that can't be."""
    return codes.POLICY_INVALID.at(
        path,
        pointer,
        reason_zh=zh,
        reason_en=en,
        advice_zh=advice_zh,
        advice_en=advice_en,
        commit="",
        person="",
    )


def read_documents(read: Read, validator: Validator) -> tuple[dict[str, dict[str, Any]], list[Finding]]:
    """Return the policy's documents that can be read, by path, and what is wrong with the others."""
    documents: dict[str, dict[str, Any]] = {}
    findings: list[Finding] = []
    for path, kind in FILES.items():
        value, found = _one(read, path, kind, validator)
        findings += found
        if value is not None and not found:
            documents[path] = value
    return documents, findings


def _one(read: Read, path: str, kind: str, validator: Validator) -> tuple[dict[str, Any] | None, list[Finding]]:
    try:
        got = read(path)
    except Refusal as refusal:
        return None, [_with_fields(refusal.finding)]
    if got is None:
        code = codes.SETUP_REVOCATION_MISSING if path == REVOKED else codes.POLICY_MISSING
        return None, [code.at(path, line=1, column=1, commit="", person="")]
    mode, data = got
    if mode != REGULAR:
        return None, [codes.POLICY_MODE.at(path, line=1, column=1, mode=mode, commit="", person="")]
    if len(data) > MAX_BYTES:
        found = codes.POLICY_LIMIT.at(path, line=1, column=1, size=len(data), limit=MAX_BYTES, commit="", person="")
        return None, [found]
    value, unread = load(path, data)
    if path == REVOKED:
        problems = unread or validator.findings(kind, path, value)
        return value, [_said(f, codes.SETUP_REVOCATION_INVALID) for f in problems]
    if value is None:
        return None, [_unread(f) for f in unread]
    return value, [_said(f, codes.POLICY_INVALID) for f in validator.findings(kind, path, value)]


def _unread(finding: Finding) -> Finding:
    """Return a finding about the text; a value of an ambiguous type (1e3) is a wrong policy like any other value."""
    if finding.rule == text_codes.YAML_TYPE.id:
        return _said(finding, codes.POLICY_INVALID)
    return _with_fields(finding)


def _with_fields(finding: Finding) -> Finding:
    return replace(finding, params={"commit": "", "person": "", **finding.params}, mend=None)


def _said(finding: Finding, code: Any) -> Finding:
    """Return what a finding says as the reason of another one."""
    known = {c.id: c for c in (*schema_codes.CODES, *text_codes.CODES)}[finding.rule]
    params = dict(finding.params)
    said: Finding = code.at(
        finding.path,
        finding.pointer,
        line=finding.line,
        column=finding.column,
        reason_zh=known.zh.format(**params),
        reason_en=known.en.format(**params),
        advice_zh=known.hint_zh.format(**params),
        advice_en=known.hint_en.format(**params),
        commit="",
        person="",
    )
    return said
