"""docs/phone: its commands, run in its order against a forge on loopback, take an order from prepared to receipted."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.forge.firm import BY_REVIEW, SIGNED, USERS, land
from tests.forge.server import Forge
from tests.forge.shapes import API, github, github_activity, github_pull, github_review, user
from tests.forge.test_gate import RECEIPT
from tests.trust.company import Company, draft

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = ("phone.en.md", "phone.zh.md")


def blocks(page: str) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", (DOCS / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)


def test_both_languages_show_the_same_commands() -> None:
    assert blocks(PAGES[0]) == blocks(PAGES[1])


def test_every_code_of_a_review_is_explained() -> None:
    from orderctl.catalogue import machine_codes

    known = {code for code in machine_codes() if code.startswith("review.")} - {
        "review.base",  # only where two clocks or clones differ
        "review.future",
        "review.inactive",
    }
    for page in PAGES:
        assert set(re.findall(r"`(review\.\w+)`", (DOCS / page).read_text("utf-8"))) == known


def instant(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


@pytest.mark.parametrize("page", PAGES)
def test_from_prepared_to_receipted(firm: Company, forge: Forge, tmp_path: Path, page: str) -> None:
    language = page.split(".")[1]
    draft(firm)
    firm.submit()
    firm.commit("lin-xiao", "order")
    firm.approve_all(SIGNED)
    firm.commit("lin-xiao", "approval")
    firm.git("checkout", "-q", "main")
    firm.git("init", "-q", "--bare", str(tmp_path / "origin.git"))
    firm.git("remote", "add", "origin", str(tmp_path / "origin.git"))
    firm.git("push", "-q", "-u", "origin", "main")
    for name, value in {"user.name": "x", "user.email": "x@x", "gpg.format": "ssh"}.items():
        firm.git("config", name, value)
    firm.git("config", "user.signingkey", str(firm.key("lin-xiao")))
    firm.git("config", "uploadpack.allowAnySHA1InWant", "true")
    text = github(forge)

    def run(script: str) -> str:
        script = (
            script.replace("GITHUB_TOKEN=…", "GITHUB_TOKEN=s3cret")
            .replace("github:muyan/orders#12", text)
            .replace("~/.ssh/gate-service", str(firm.key("gate-service")))
        )
        script = re.sub(r"(?m)^(orderctl approve .*)$", r"\1 --yes", script)
        bin = tmp_path / "bin"
        bin.mkdir(exist_ok=True)
        (bin / "orderctl").unlink(missing_ok=True)
        (bin / "orderctl").symlink_to(Path(sys.executable).parent / "orderctl")
        variables = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "LC_"))}
        variables |= {"PATH": f"{bin}:{os.environ['PATH']}", "ORDERCTL_LANG": language, "GIT_CONFIG_GLOBAL": os.devnull}
        done = subprocess.run(
            ["bash", "-e", "-c", script], cwd=firm.root, env=variables, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    prepare, gate, receipt = blocks(page)
    assert "su-cai" in run(prepare)
    head, base, now = firm.head(), firm.git("rev-parse", "main"), time.time()
    assert (firm.root / BY_REVIEW).is_file()
    assert not (firm.root / f"{BY_REVIEW}.sig").exists()
    review = github_review(80, USERS["su-cai"], commit_id=head, submitted_at=instant(now))
    github(forge, [review])
    repo = {"full_name": "shop/orders"}
    sides = {"head": {"ref": "order", "sha": head, "repo": repo}, "base": {"ref": "main", "sha": base, "repo": repo}}
    forge.put(f"{API}/pulls/12", github_pull(user=user(USERS["lin-xiao"]), **sides))
    pushed = github_activity(after=head, actor=user(USERS["lin-xiao"]), timestamp=instant(now - 60))
    forge.put(f"{API}/activity", [pushed])
    assert "tang-gong" in run(gate)  # who is next
    firm.git("checkout", "-q", "main")
    land(firm, head)
    firm.git("push", "-q", "origin", "main")
    firm.git("reset", "-q", "--hard", "HEAD~1")
    assert run(receipt).splitlines()[-1].endswith(RECEIPT)
    assert firm.git("log", "-1", "--format=%s", "origin/receipts-12") == "receipts: 127.0.0.1#12"
