"""Tags and push certificates, judged in process."""

from __future__ import annotations

from pathlib import Path

import pytest

from orderctl.hooks.push import Update
from orderctl.hooks.signed import judge_certificate, judge_tag
from orderctl.trust.policy import Policy
from orderctl.trust.refusal import Refusal
from orderctl.trust.state import State
from tests.server.hall import MAIN, ZERO
from tests.trust.histories import DAY, signer, start
from tests.trust.judging import Gate
from tests.trust.repository import Repository
from tests.trust.steps import rewritten


@pytest.fixture(scope="module")
def policies() -> dict[str, Policy]:
    """A policy, and one by which lin-xiao has left."""
    gate, found = Gate(), {}
    people = start()["policy/people.yaml"]
    gone = rewritten(people, r"^  - id: lin-xiao$", "  - id: lin-xiao\n    left_on: 2024-05-21")
    for name, doc in (("all", people), ("left", gone)):
        made = gate.store.commit((), {**start(), "policy/people.yaml": doc}, DAY, "gao-yuan")
        found[name] = State(gate.world, gate.graph.commit(made.id).tree, DAY).policy()
    return found


NOW = DAY + 5 * 86400
BODY = b"object %s\ntype commit\ntag v1\ntagger A <a@example.com> %d +0000\n\nrelease\n"


class TestTags:
    """M15: what signs a release."""

    @pytest.mark.parametrize(
        ("head", "key", "ref", "policy", "code"),
        [
            (BODY, "lin-xiao", "v1", "all", ""),
            (BODY, "lin-xiao", "v1", "left", "person.left"),
            (BODY, "lin-xiao", "v2", "all", "tag.name"),
            (BODY, "", "v1", "all", "tag.unsigned"),
            (BODY, "mallory", "v1", "all", "sig.unknown_key"),
            (BODY.replace(b"tagger", b"taggre"), "lin-xiao", "v1", "all", "tag.unsigned"),
            (BODY.replace(b"%d", b"0%d"), "lin-xiao", "v1", "all", "tag.unsigned"),
        ],
    )
    def test_tags(
        self, tmp_path: Path, policies: dict[str, Policy], head: bytes, key: str, ref: str, policy: str, code: str
    ) -> None:
        where = Repository(tmp_path / "firm.git")
        body = head % (where.commit().encode(), NOW)
        tag = where.put("tag", body + (signer(key).armor(body, b"git") if key else b""))
        update = Update(f"refs/tags/{ref}", ZERO, tag)
        if code:
            with pytest.raises(Refusal) as caught:
                judge_tag(where.git, update, policies[policy], NOW)
            assert caught.value.finding.rule == code
        else:
            assert judge_tag(where.git, update, policies[policy], NOW).person == "lin-xiao"

    def test_a_tag_that_is_none(self, tmp_path: Path, policies: dict[str, Policy]) -> None:
        where = Repository(tmp_path / "firm.git")
        with pytest.raises(Refusal) as caught:
            judge_tag(where.git, Update("refs/tags/v1", ZERO, where.commit()), policies["all"], NOW)
        assert caught.value.finding.rule == "tag.unsigned"


CERTIFICATE = f"certificate version 0.1\npusher A <a@example.com> {NOW} +0000\nnonce n1\n\n"
ROWS = f"{ZERO} {'1' * 40} {MAIN}\n{'2' * 40} {'3' * 40} refs/heads/work\n"
UPDATES = [Update(MAIN, ZERO, "1" * 40), Update("refs/heads/work", "2" * 40, "3" * 40)]


class TestCertificates:
    """M17: what signs a push."""

    def judge(self, tmp_path: Path, policy: Policy, text: str, key: str = "lin-xiao", **variables: str) -> str:
        where = Repository(tmp_path / "firm.git")
        body = text.encode()
        blob = where.blob(body + (signer(key).armor(body, b"git") if key else b""))
        given = {"GIT_PUSH_CERT": blob, "GIT_PUSH_CERT_NONCE_STATUS": "OK", "GIT_PUSH_CERT_NONCE": "n1", **variables}
        try:
            return judge_certificate(where.git, given, UPDATES, policy, NOW).person
        except Refusal as refusal:
            return str(refusal.finding.params.get("what") or refusal.finding.rule)

    @pytest.mark.parametrize("more", ["", "pushee ssh://shop.example/x\n"])
    def test_good(self, tmp_path: Path, policies: dict[str, Policy], more: str) -> None:
        text = CERTIFICATE.replace("nonce", f"{more}nonce") + ROWS
        assert self.judge(tmp_path, policies["all"], text) == "lin-xiao"

    @pytest.mark.parametrize(
        ("text", "variables", "said"),
        [
            (CERTIFICATE + ROWS, {"GIT_PUSH_CERT": ""}, "push.unsigned"),
            (CERTIFICATE + ROWS, {"GIT_PUSH_CERT": ZERO}, "push.unsigned"),
            (CERTIFICATE + ROWS, {"GIT_PUSH_CERT": "HEAD"}, "push.unsigned"),
            (CERTIFICATE + ROWS, {"GIT_PUSH_CERT": "9" * 40}, "certificate"),
            (CERTIFICATE, {}, "certificate"),
            ("hello\n", {}, "certificate"),
            (CERTIFICATE.replace("0.1", "0.2") + ROWS, {}, "certificate"),
            (CERTIFICATE + ROWS, {"GIT_PUSH_CERT_NONCE_STATUS": "SLOP"}, "push.nonce"),
            (CERTIFICATE + ROWS, {"GIT_PUSH_CERT_NONCE_STATUS": "BAD"}, "push.nonce"),
            (CERTIFICATE + ROWS, {"GIT_PUSH_CERT_NONCE": "n2"}, "push.nonce"),
            (CERTIFICATE + ROWS.splitlines(keepends=True)[0], {}, "refs"),
            (CERTIFICATE + ROWS.replace("work", "word"), {}, "refs"),
            (CERTIFICATE + ROWS + f"{ZERO} {'4' * 40} refs/heads/x\n", {}, "refs"),
        ],
    )
    def test_not_for_this_push(
        self, tmp_path: Path, policies: dict[str, Policy], text: str, variables: dict[str, str], said: str
    ) -> None:
        assert self.judge(tmp_path, policies["all"], text, **variables) == said

    def test_by_whom(self, tmp_path: Path, policies: dict[str, Policy]) -> None:
        text = CERTIFICATE + ROWS
        assert self.judge(tmp_path / "1", policies["left"], text) == "person.left"
        assert self.judge(tmp_path / "2", policies["all"], text, "mallory") == "sig.unknown_key"
        assert self.judge(tmp_path / "3", policies["all"], text, "") == "sig.none"
        assert (
            self.judge(tmp_path / "4", policies["all"], text.replace("nonce n1", "nonce n2"), "mallory") == "push.nonce"
        )
