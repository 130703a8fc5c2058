"""The shipped workflows run for real on pull requests, merge queues and pushes; nothing is checked out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from orderctl.ci import PLACES, workflow, write_workflow
from tests.forge import runner
from tests.forge.firm import BY_REVIEW, USERS, land, pull_request
from tests.forge.server import Answer, Forge
from tests.forge.shapes import (
    API,
    LAB,
    TEA,
    gitea,
    gitea_review,
    github,
    github_activity,
    github_pull,
    github_review,
    gitlab,
    user,
)
from tests.project.test_workflows import gate_step_traps, job_traps, step_traps, triggers
from tests.trust.company import Company

WORKFLOW = "templates/ci/github.yml"
PUSHED, REVIEWED = "2024-05-20T07:00:00Z", "2024-05-20T08:00:00Z"


@dataclass
class Hub:
    """A company's repository on a forge: its bare repository, and the API that answers for it."""

    firm: Company
    bare: Path
    forge: Forge
    folder: Path
    runs: int = 0

    @property
    def address(self) -> str:
        return f"{self.forge.url}/shop/orders"

    def push(self, *refs: str) -> None:
        self.firm.git("push", "-q", "-f", str(self.bare), *refs)

    def github(self, event: str, head: str, base: str = "", pull: str = "", file: str = WORKFLOW) -> runner.DONE:
        """Run the GitHub workflow on an event."""
        self.runs += 1
        variables = {
            "REPOSITORY": self.address,
            "TOKEN": "t",
            "GITHUB_TOKEN": "t",
            "EVENT": event,
            "HEAD": head,
            "PULL": pull,
        }
        if base:
            variables["BASE"] = base
        return runner.run(file, self.folder / f"run{self.runs}", variables, {self.address: str(self.bare)})

    def pull_request(self, head: str, file: str = WORKFLOW) -> runner.DONE:
        """Merge ``head`` as GitHub does for a pull request, and run the workflow on it."""
        self.firm.git("checkout", "-q", "--detach", "main")
        merge = self.firm.merge("web-flow", head, sign=False)
        self.firm.git("checkout", "-q", "main")
        self.push("main", f"{merge}:refs/pull/12/merge", f"{head}:refs/pull/12/head")
        return self.github("pull_request", merge, pull="12", file=file)


@pytest.fixture(scope="module")
def pulled(original: Company, tmp_path_factory: pytest.TempPathFactory) -> Company:
    firm = original.copy(tmp_path_factory.mktemp("pulled") / "work")
    pull_request(firm)
    return firm


@pytest.fixture
def hub(pulled: Company, forge: Forge, tmp_path: Path) -> Hub:
    firm = pulled.copy(tmp_path / "work")
    bare = tmp_path / "origin.git"
    firm.git("init", "-q", "--bare", str(bare))
    firm.git("--git-dir", str(bare), "config", "uploadpack.allowAnySHA1InWant", "true")
    return Hub(firm, bare, forge, tmp_path)


def serve(hub: Hub, head: str, reviews: int = 1) -> None:
    """Answer for pull request 12: finance approved ``head`` (or nobody did)."""
    base = hub.firm.git("rev-parse", "main")
    review = github_review(80, USERS["su-cai"], commit_id=head, submitted_at=REVIEWED)
    github(hub.forge, [review][:reviews])
    repo = {"full_name": "shop/orders"}
    sides = {"head": {"ref": "order", "sha": head, "repo": repo}, "base": {"ref": "main", "sha": base, "repo": repo}}
    pull = github_pull(user=user(USERS["lin-xiao"]), **sides)
    hub.forge.put(f"{API}/pulls/12", pull)
    hub.forge.put(f"{API}/commits/{head}/pulls", [pull])
    hub.forge.put(f"{API}/activity", [github_activity(after=head, actor=user(USERS["lin-xiao"]), timestamp=PUSHED)])


def denied(done: runner.DONE) -> list[str]:
    """Return the paths of the annotations of a denial."""
    assert done.returncode == 11, done.stdout + done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith("::error")]
    return [line.partition("file=")[2].partition(",")[0] for line in lines]


def allowed(done: runner.DONE) -> None:
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("file", [WORKFLOW, "action.yml"])
def test_a_pull_request_that_a_review_approved(hub: Hub, file: str) -> None:
    head = hub.firm.head()
    serve(hub, head)
    allowed(hub.pull_request(head, file))
    assert (hub.folder / "run1/summary.md").stat().st_size
    serve(hub, head, reviews=0)
    assert denied(hub.pull_request(head, file)) == [BY_REVIEW]


def test_h05_a_forge_that_fails(hub: Hub) -> None:
    head = hub.firm.head()
    serve(hub, head)
    hub.forge.routes[f"{API}/pulls/12/reviews"] = Answer({}, 503)
    done = hub.pull_request(head)
    assert done.returncode == 11
    assert "the reviews can't be had" in done.stderr


def test_h11_the_merge_queue_is_judged_on_its_own_commit(hub: Hub) -> None:
    head, base = hub.firm.head(), hub.firm.git("rev-parse", "main")
    serve(hub, head)
    queued = land(hub.firm, head)
    hub.push(f"{queued}:refs/heads/gh-readonly-queue/main/pr-12-{base}")
    allowed(hub.github("merge_group", queued, base))
    serve(hub, head, reviews=0)
    assert denied(hub.github("merge_group", queued, base)) == [BY_REVIEW]


def test_what_was_pushed_is_judged_again(hub: Hub) -> None:
    head, before = hub.firm.head(), hub.firm.git("rev-parse", "main")
    serve(hub, head)
    after = land(hub.firm, head)
    hub.push("main")
    allowed(hub.github("push", after, before))
    hub.forge.put(f"{API}/commits/{head}/pulls", [])
    assert denied(hub.github("push", after, before)) == [BY_REVIEW]


def test_a_push_that_no_pull_request_brought(hub: Hub) -> None:
    firm = hub.firm
    firm.approve_all((("finance", "su-cai"),), name="order-1-finance.su-cai.2")
    firm.git("rm", "-q", "--cached", BY_REVIEW)
    (firm.root / BY_REVIEW).unlink()
    firm.git("reset", "-q", "--soft", "HEAD~1")
    head, before = firm.commit("lin-xiao", "approvals"), firm.git("rev-parse", "main")
    hub.push(f"{head}:refs/heads/main")
    allowed(hub.github("push", head, before))


def test_a_base_that_was_rewritten_away(hub: Hub) -> None:
    head = hub.firm.head()
    hub.push(f"{head}:refs/heads/main")
    assert hub.github("push", head, "e" * 40).returncode not in (0, 11)


def test_a_pull_request_without_a_merge(hub: Hub) -> None:
    head = hub.firm.head()
    serve(hub, head)
    hub.push("main", f"{hub.firm.git('rev-list', '--max-parents=0', 'HEAD')}:refs/pull/12/merge")
    root = hub.firm.git("rev-list", "--max-parents=0", "HEAD")
    assert hub.github("pull_request", root, pull="12").returncode not in (0, 11)


def test_h07_a_change_of_the_workflow_itself(hub: Hub) -> None:
    """The workflow of the base judges it: trusted files change by the policy's own approvals only."""
    firm = hub.firm
    firm.git("checkout", "-q", "-b", "evil", "main")
    firm.write(".github/workflows/gate.yml", "on: pull_request\njobs: {gate: {steps: [{run: exit 0}]}}\n")
    head = firm.commit("lin-xiao", "ci")
    serve(hub, head)
    assert set(denied(hub.pull_request(head))) == {"policy/policy.yaml"}


def test_h12_a_merge_of_the_forge(hub: Hub) -> None:
    head, before = hub.firm.head(), hub.firm.git("rev-parse", "main")
    serve(hub, head)
    land(hub.firm, head)
    hub.firm.edit("customers/C0001.yaml", "schema: customer/1\n", "schema: customer/1\n# seen\n")
    evil = hub.firm.commit("web-flow", "merge", sign=False, amend=True)
    hub.push("main")
    done = hub.github("push", evil, before)
    assert done.returncode == 11
    assert "customers/C0001.yaml" in denied(done)


def test_h13_a_squash_of_the_forge(hub: Hub) -> None:
    firm = hub.firm
    head, before = firm.head(), firm.git("rev-parse", "main")
    serve(hub, head)
    firm.git("checkout", "-q", "main")
    firm.git("merge", "-q", "--squash", head)
    squashed = firm.commit("web-flow", "squash", sign=False)
    hub.push("main")
    assert BY_REVIEW in denied(hub.github("push", squashed, before))


def test_h15_two_green_pull_requests(hub: Hub) -> None:
    """The second is judged again as merged with the first: what lacks its approval there is red."""
    firm = hub.firm
    head, before = firm.head(), firm.git("rev-parse", "main")
    serve(hub, head)
    allowed(hub.pull_request(head))
    firm.git("checkout", "-q", "-b", "policy", "main")
    firm.edit(
        "policy/people.yaml", f"forge: [{{host: 127.0.0.1, id: {USERS['su-cai']}}}]", "discount_authority_note: x"
    )
    people = firm.read("policy/people.yaml").replace("    discount_authority_note: x\n", "")
    firm.write("policy/people.yaml", people)
    firm.raise_policy()
    firm.approve_policy("gao-yuan", "jiang-ming")
    first = firm.commit("gao-yuan", "su-cai's account is closed")
    firm.git("checkout", "-q", "main")
    firm.git("merge", "-q", "--ff-only", "policy")
    hub.push("main")
    hub.forge.put(f"{API}/commits/{first}/pulls", [])
    allowed(hub.github("push", first, before))
    second = land(firm, head)
    hub.push("main")
    assert denied(hub.github("push", second, first)) == [BY_REVIEW]


def test_gitlab(hub: Hub) -> None:
    head, base = hub.firm.head(), hub.firm.git("rev-parse", "main")
    hub.push("main", f"{head}:refs/heads/order")
    lab = hub.forge
    gitlab(lab)
    merge = dict(lab.routes[f"{LAB}/merge_requests/12"].data)  # type: ignore[union-attr]
    merge |= {"sha": head, "author": {"id": USERS["lin-xiao"]}}
    version = {
        "id": 2,
        "head_commit_sha": head,
        "base_commit_sha": base,
        "start_commit_sha": base,
        "created_at": PUSHED,
    }
    push = {"commit_to": head, "ref": "order", "ref_type": "branch", "action": "pushed"}
    lab.put(f"{LAB}/merge_requests/12", merge)
    lab.put(f"{LAB}/merge_requests/12/versions", [version])
    lab.put(f"{LAB}/merge_requests/12/approvals", {"approved_by": [{"user": {"id": 13}, "approved_at": REVIEWED}]})
    lab.put("/api/v4/projects/7/events", [{"author_id": USERS["lin-xiao"], "push_data": push}])
    lab.put(f"{LAB}/repository/commits/{head}/merge_requests", [merge | {"state": "merged"}])
    variables = {
        "CI_REPOSITORY_URL": str(hub.bare),
        "CI_SERVER_URL": lab.url,
        "CI_PROJECT_PATH": "shop/orders",
        "CI_DEFAULT_BRANCH": "main",
        "CI_COMMIT_SHA": head,
        "CI_COMMIT_BEFORE_SHA": "0" * 40,
        "CI_MERGE_REQUEST_IID": "12",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
    }
    file = "templates/ci/gitlab.yml"
    allowed(runner.run(file, hub.folder / "one", variables, {}))
    assert json.loads((hub.folder / "one/gate.json").read_text()) is not None
    other = variables | {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "lax"}
    assert runner.run(file, hub.folder / "two", other, {}).returncode == 1
    after = land(hub.firm, head)
    hub.push("main")
    pushed = {k: v for k, v in variables.items() if "MERGE" not in k}
    pushed |= {"CI_COMMIT_SHA": after, "CI_COMMIT_BEFORE_SHA": base}
    allowed(runner.run(file, hub.folder / "three", pushed, {}))
    lab.put(f"{LAB}/merge_requests/12/approvals", {"approved_by": []})
    assert runner.run(file, hub.folder / "four", pushed, {}).returncode == 11


def test_gitea(hub: Hub) -> None:
    head, base = hub.firm.head(), hub.firm.git("rev-parse", "main")
    hub.push("main", f"{head}:refs/pull/12/head")
    tea = hub.forge
    gitea(tea, [gitea_review(80, commit_id=head, submitted_at=REVIEWED)])
    pull = dict(tea.routes[f"{TEA}/pulls/12"].data)  # type: ignore[union-attr]
    pull |= {
        "user": {"id": USERS["lin-xiao"]},
        "head": pull["head"] | {"sha": head},
        "base": pull["base"] | {"sha": base},
    }
    body = json.dumps({"is_force_push": False, "commit_ids": [head]})
    push = {"id": 5, "type": "pull_push", "user": {"id": USERS["lin-xiao"]}, "body": body, "created_at": PUSHED}
    tea.put(f"{TEA}/pulls/12", pull)
    tea.put(f"{TEA}/issues/12/timeline", [push])
    tea.put(f"{TEA}/commits/{head}/pull", pull)
    file, rewrite = "templates/ci/gitea.yml", {hub.address: str(hub.bare)}
    variables = {
        "REPOSITORY": hub.address,
        "TOKEN": "t",
        "GITEA_TOKEN": "t",
        "HEAD": head,
        "TARGET": "main",
        "PULL": "12",
    }
    allowed(runner.run(file, hub.folder / "one", variables, rewrite))
    moved = runner.run(file, hub.folder / "two", variables | {"HEAD": base}, rewrite)
    assert (moved.returncode, "its own run judges it" in moved.stderr) == (1, True)
    after = land(hub.firm, head)
    hub.push("main")
    pushed = variables | {"HEAD": after, "BASE": base, "PULL": "", "TARGET": ""}
    allowed(runner.run(file, hub.folder / "three", pushed, rewrite))
    gitea(tea, [])
    tea.put(f"{TEA}/pulls/12", pull)
    tea.put(f"{TEA}/issues/12/timeline", [push])
    tea.put(f"{TEA}/commits/{head}/pull", pull)
    assert runner.run(file, hub.folder / "four", pushed, rewrite).returncode == 11


def test_nothing_of_the_change_is_checked_out_or_run() -> None:
    for file in ("templates/ci/github.yml", "templates/ci/gitea.yml", "action.yml"):
        data: dict[Any, Any] = yaml.safe_load((runner.ROOT / file).read_text(encoding="utf-8"))
        steps = data["runs"]["steps"] if "runs" in data else data["jobs"]["gate"]["steps"]
        for step in steps:
            assert step_traps(step) + gate_step_traps(step) == [], file
        if "jobs" in data:
            assert job_traps(data["jobs"]["gate"]) == []
            assert data["permissions"] == {"contents": "read", "pull-requests": "read"}
            assert {"pull_request", "push"} <= set(triggers(data))
            assert not any(key.startswith("paths") for on in triggers(data).values() for key in on or {})


def test_the_action_does_what_the_workflow_does() -> None:
    assert runner.scripts("action.yml") == runner.scripts(WORKFLOW)


@pytest.mark.parametrize("name", PLACES)
def test_a_workflow_is_written_pinned(name: str, tmp_path: Path) -> None:
    assert write_workflow(tmp_path, name) == PLACES[name]
    text = (tmp_path / PLACES[name]).read_text(encoding="utf-8")
    assert text == workflow(name)
    assert "@VERSION@" not in text
    assert "orderctl==0." in text
    assert write_workflow(tmp_path, name) == PLACES[name]
    (tmp_path / PLACES[name]).write_text("mine")
    with pytest.raises(FileExistsError):
        write_workflow(tmp_path, name)
    write_workflow(tmp_path, name, force=True)
    assert (tmp_path / PLACES[name]).read_text(encoding="utf-8") == text
