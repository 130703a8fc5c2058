"""The sample's plain submissions and approvals in; the same ones bound to this repository, content and policy out."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from orderctl.compose import document
from orderctl.desk.statements import written
from orderctl.digest import digest_without, immaterial_pointers, value_digest
from orderctl.load import load
from orderctl.schema import Kind
from orderctl.trust.policy import MANIFEST

_BASIS = {"customer": "customers/{}.yaml"}
"""What a stage may look at, and where it lies."""


@dataclass(frozen=True, slots=True)
class Binder:
    """What statements name besides their subject. ``files`` is the newest state, the policy in force in it."""

    kinds: Mapping[str, Kind]
    files: Mapping[str, bytes]

    def submission(self, data: bytes, order: bytes) -> bytes:
        """Return a submission that names the order as it is."""
        value = _values(data)
        value |= self._of(_values(order)) | {"authors": [value["submitted_by"]], "sha256": sha256(order).hexdigest()}
        return written(value, self.kinds["submission"])

    def approval(self, data: bytes, order: bytes) -> bytes:
        """Return a statement about the order as it is, with what its stage looks at."""
        value, subject = _values(data), _values(order)
        value |= self._of(subject) | {"path": "order.yaml", "context": list(self._context(value["stage"], subject))}
        return written(value, self.kinds["approval"])

    def policy_approval(self, manifest: bytes, person: str, opinion: str, issued: str) -> bytes:
        """Return a statement about the next policy, under the one in force."""
        value = {
            "schema": "approval/1",
            "subject": "policy",
            "stage": "policy-admin",
            "decision": "approve",
            "opinion": opinion,
            "person": person,
            "issued": issued,
            "path": MANIFEST,
            "number": "policy",
            "revision": _values(manifest)["version"],
            "digest": sha256(manifest).hexdigest(),
        }
        value |= self._ours()
        return document(
            {name: value[name] for name in self.kinds["approval"].schema["properties"] if name in value}
        ).encode()

    def _of(self, order: Mapping[str, Any]) -> dict[str, Any]:
        left_out = immaterial_pointers(self.kinds["order"].schema)
        content = {"digest": digest_without(order, left_out), "immaterial": left_out}
        return self._ours() | content | {"number": order["number"], "revision": order["revision"]}

    def _ours(self) -> dict[str, Any]:
        manifest = self.files[MANIFEST]
        return {
            "repository": _values(self.files["orderctl.yaml"])["repository"],
            "immaterial": [],
            "policy": {"version": _values(manifest)["version"], "digest": sha256(manifest).hexdigest()},
            "nonce": secrets.token_hex(16),
        }

    def _context(self, stage: str, order: Mapping[str, Any]) -> Iterator[dict[str, str]]:
        """Yield what the stage looks at in any flow, by digest."""
        seen = set()
        flows = _values(self.files["policy/flows.yaml"])["flows"]
        looks = [look for f in flows for s in f["stages"] if s["id"] == stage for look in s.get("looks_at", ())]
        for look in looks:
            path, pointer = _BASIS[look["kind"]].format(order[look["kind"]]), look.get("pointer", "")
            if (path, pointer) not in seen:
                seen.add((path, pointer))
                value: Any = _values(self.files[path])
                for part in pointer.split("/")[1:]:
                    value = value.get(part) if isinstance(value, dict) else None
                yield {"path": path, "pointer": pointer, "digest": value_digest(value)}


def _values(data: bytes) -> dict[str, Any]:
    return load("demo.yaml", data)[0] or {}
