"""What somebody from outside tried at the gate: merges that bring nothing, files retold by a merge, submissions carried
from elsewhere. Each beside its honest twin, judged at gate, server and audit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.trust.company import AS_OF, CASE, Company, draft

ORDER, SUBMISSION = f"{CASE}/order.yaml", f"{CASE}/submission.yaml"
TWIN = "11111111-3b0a-4c5e-9d52-8f1c2f1f7a10"
"""The id of another repository that the same people work in."""


@pytest.fixture
def landed(submitted: Company, tmp_path: Path) -> Company:
    firm = submitted.copy(tmp_path / "work")
    firm.land()
    return firm


@pytest.fixture
def written(firm: Company) -> Company:
    """An order on a branch, not submitted yet."""
    draft(firm)
    return firm


def join(firm: Company, *parents: str, person: str = "") -> None:
    """Check out a commit of main's tree with these parents, signed by ``person`` if given."""
    names: dict[str, Any] = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "boss"), ("EMAIL", "boss@muyan.example"), ("DATE", AS_OF))
    }
    signing = ["-c", "gpg.format=ssh", "-c", f"user.signingkey={firm.key(person)}"] if person else []
    lines = [option for parent in parents for option in ("-p", parent)]
    sign = ["-S"] if person else []
    made = firm.git(*signing, "commit-tree", *sign, *lines, "-m", "approved by the boss", "main^{tree}", **names)
    firm.git("checkout", "-q", made)


def test_a_merge_that_brings_nothing_is_somebodys(landed: Company) -> None:
    """No state changes, but whoever has no key would move the branch as often as they like, saying what they like."""
    join(landed, "main", "main~1")
    assert landed.everywhere() == ["sig.none"]


def test_a_merge_that_brings_nothing_is_signed(landed: Company) -> None:
    join(landed, "main", "main~1", person="he-cang")
    assert landed.everywhere() == []


def both_changed(firm: Company) -> str:
    """Change two fields of the order on two branches; return the order's text with both."""
    firm.git("checkout", "-q", "-b", "side")
    firm.edit(ORDER, "handler: lin-xiao", "handler: chen-jie")
    firm.commit("lin-xiao", "handler")
    firm.git("checkout", "-q", "-B", "line", "main")
    firm.edit(ORDER, "contact: wang-fang", "contact: zhao-min")
    firm.commit("lin-xiao", "contact")
    options = ("-c", "user.name=nobody", "-c", "user.email=nobody@muyan.example")
    firm.git(*options, "merge", "-q", "--no-ff", "--no-commit", "side", check=False)
    return firm.git("show", f"line:{ORDER}").replace("handler: lin-xiao", "handler: chen-jie") + "\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [("schema: order/1\n", "schema: order/1\n# approved by the boss\n"), ("\ntotal: 1050.00\n", "\ntotal: 1050.0\n")],
)
def test_what_nobody_signed_says_nothing_in_its_own_lines(landed: Company, old: str, new: str) -> None:
    text = both_changed(landed)
    assert old in text
    landed.write(ORDER, text.replace(old, new))
    landed.commit("mallory", "merge", sign=False)
    assert landed.everywhere() == ["sig.none"]


@pytest.mark.parametrize("person", ["", "lin-xiao"])
def test_the_lines_of_both_sides_are_merged_by_anybody(landed: Company, person: str) -> None:
    landed.write(ORDER, both_changed(landed))
    landed.commit(person or "mallory", "merge", sign=bool(person))
    assert landed.everywhere() == []


@pytest.mark.parametrize("sign", [False, True])
@pytest.mark.parametrize("elsewhere", [{"repository": TWIN}, {"number": "OD2024050099"}])
def test_a_submission_is_of_one_order_in_one_repository(
    written: Company, elsewhere: dict[str, Any], sign: bool
) -> None:
    """Signed for a copy to practise in, it would land in earnest, even without its submitter."""
    written.submit(**elsewhere)
    written.commit("lin-xiao", "order", sign=sign)
    assert written.everywhere() == ["submission.context"]


@pytest.mark.parametrize("name", ["repository", "number"])
def test_a_submission_says_of_what_it_is(written: Company, name: str) -> None:
    written.submit()
    lines = written.read(SUBMISSION).splitlines(keepends=True)
    written.write(SUBMISSION, "".join(line for line in lines if not line.startswith(f"{name}:")))
    written.sign(SUBMISSION, "lin-xiao")
    written.commit("lin-xiao", "order")
    assert written.everywhere() == ["submission.context"]


@pytest.mark.parametrize(
    ("submitted_at", "codes"),
    [("2024-05-25T12:10:00+08:00", []), ("2024-05-25T12:10:01+08:00", ["submission.ahead"])],
)
def test_nothing_is_submitted_tomorrow(written: Company, submitted_at: str, codes: list[str]) -> None:
    """No stage would open before, and nobody could say why; clocks may be ten minutes ahead."""
    written.submit(submitted_at=submitted_at)
    written.commit("lin-xiao", "order")
    assert written.everywhere() == codes


@pytest.mark.parametrize("sign", [False, True])
def test_the_honest_submission_lands(written: Company, sign: bool) -> None:
    written.submit()
    written.commit("lin-xiao", "order", sign=sign)
    assert written.everywhere() == []


def broken(firm: Company) -> None:
    """Make main a company whose own rule can't be loaded, by a sound change of policy."""
    firm.git("checkout", "-q", "-b", "rule")
    firm.write("plugins/rules/no_chairs.py", "import nothing_of_this_name\n")
    firm.raise_policy()
    firm.approve_policy("gao-yuan", "su-cai")
    firm.commit("gao-yuan", "a rule")
    assert firm.codes() == []
    firm.land()


def test_what_a_broken_rule_would_refuse_does_not_pass(firm: Company) -> None:
    """Its finding is the base's too, so that nothing would be new; and nobody would be told that it doesn't run."""
    broken(firm)
    draft(firm)
    firm.submit()
    firm.commit("lin-xiao", "order")
    assert firm.codes() == ["plugin.broken"]


def test_a_broken_rule_can_be_repaired(firm: Company) -> None:
    broken(firm)
    (firm.root / "plugins/rules/no_chairs.py").unlink()
    firm.raise_policy()
    firm.approve_policy("gao-yuan", "su-cai")
    firm.commit("gao-yuan", "without it")
    assert firm.codes() == []
    firm.land()
    draft(firm)
    firm.submit()
    firm.commit("lin-xiao", "order")
    assert firm.codes() == []
