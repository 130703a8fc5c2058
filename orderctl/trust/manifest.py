"""The manifest of a policy, ``policy/policy.yaml``: written from the files, and compared with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from orderctl.codes import policy as codes
from orderctl.edit import written
from orderctl.model import Finding
from orderctl.trust.people import moment
from orderctl.trust.policy_files import MANIFEST


def manifest(files: Mapping[str, bytes], old: tuple[int, bytes] | None, by: str, reason: str, issued: str) -> bytes:
    """Return the bytes of a new ``policy/policy.yaml`` over ``files`` (every trusted file's path → bytes).

    ``old``: version and bytes of the manifest before, None for the first. ``issued``: RFC 3339.
    """
    head: dict[str, Any] = {"schema": "policy/1", "version": old[0] + 1 if old else 1}
    if old:
        head["previous"] = sha256(old[1]).hexdigest()
    head |= {"issued": issued, "by": by, "reason": reason}
    rows = [f"{key}: {written(value)}" for key, value in head.items()]
    listed = sorted(path for path in files if path != MANIFEST)
    rows.append("files:" if listed else "files: []")
    rows += [f"  - path: {written(p)}\n    sha256: {written(sha256(files[p]).hexdigest())}" for p in listed]
    return "".join(row + "\n" for row in rows).encode()


def version_faults(data: Mapping[str, Any], version: int, old: bytes, issued: int) -> Iterator[Finding]:
    """Yield where a manifest doesn't follow on the one of ``version`` with the bytes ``old``, issued at ``issued``."""
    if data["version"] != version + 1:
        yield codes.POLICY_VERSION.at(
            MANIFEST, "/version", found=data["version"], expected=version + 1, commit="", person=""
        )
    expected = sha256(old).hexdigest()
    if data.get("previous") != expected:
        yield codes.POLICY_PREVIOUS.at(
            MANIFEST, "/previous", found=data.get("previous", "–"), expected=expected, commit="", person=""
        )
    if moment(data["issued"]) < issued:
        before = datetime.fromtimestamp(issued, UTC).isoformat()
        yield codes.POLICY_ISSUED.at(
            MANIFEST,
            "/issued",
            issued=data["issued"],
            reason_zh=f"早于上一版的 {before}",
            reason_en=f"before the policy until now, {before}",
            commit="",
            person="",
        )


def file_faults(data: Mapping[str, Any], files: Mapping[str, bytes | None]) -> Iterator[Finding]:
    """Yield where a manifest isn't the sorted list of ``files``, every trusted path of the tree → bytes."""
    expected = sorted(path for path in files if path != MANIFEST)
    listed: dict[str, None] = {}
    for n, entry in enumerate(data["files"]):
        path = entry["path"]
        content = files.get(path) if path != MANIFEST else None
        if path in listed:
            yield _differs(f"/files/{n}", path, "写了两次", "is there twice")
        elif content is None:
            yield _differs(f"/files/{n}", path, "没有这个文件", "is not there")
        elif sha256(content).hexdigest() != entry["sha256"]:
            yield _differs(f"/files/{n}/sha256", path, "内容不同", "has other content")
        listed[path] = None
    for path in expected:
        if path not in listed:
            yield _differs("/files", path, "没有列出", "is not listed")
    if sorted(listed) == expected and list(listed) != expected:
        yield _differs("/files", next(iter(listed)), "没有按路径排序", "comes first, but paths are to be sorted")


def _differs(pointer: str, file: str, zh: str, en: str) -> Finding:
    return codes.POLICY_MANIFEST.at(
        MANIFEST, pointer, file=file[:200], reason_zh=zh, reason_en=en, commit="", person=""
    )
