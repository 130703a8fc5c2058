"""A policy that can't be used is refused on its way in; where it landed past the gate, nothing is judged by it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.trust.company import Company, draft

FLOWS, PEOPLE, REVOKED = "policy/flows.yaml", "policy/people.yaml", "policy/revoked.yaml"
STAGE = "role: policy-admin, needs: 2"
Break = Callable[[Company], None]


def edit(path: str, old: str, new: str) -> Break:
    return lambda firm: firm.edit(path, old, new)


def keyed(name: str, *options: str) -> Break:
    """Return what gives he-cang a key of that name beside their own."""

    def change(firm: Company) -> None:
        public = firm.key(name, *options).with_suffix(".pub").read_text().strip()
        text = firm.read(PEOPLE)
        assert "- id: he-cang\n    keys: [" in text
        firm.write(
            PEOPLE, text.replace("- id: he-cang\n    keys: [", f'- id: he-cang\n    keys: [{{key: "{public}"}}, ', 1)
        )

    return change


def too_large(firm: Company) -> None:
    firm.write(FLOWS, firm.read(FLOWS) + "# " + "x" * 1024 * 1024 + "\n")


def symlink(firm: Company) -> None:
    (firm.root / REVOKED).unlink()
    (firm.root / REVOKED).symlink_to("flows.yaml")


BROKEN: dict[str, tuple[Break, str]] = {
    "P07": (edit(FLOWS, STAGE, f"{STAGE}, needs: 1"), "yaml.duplicate_key"),
    "P08-zero": (edit(FLOWS, STAGE, "role: policy-admin, needs: 0"), "policy.invalid"),
    "P08-text": (edit(FLOWS, STAGE, 'role: policy-admin, needs: "2"'), "policy.invalid"),
    "P09": (edit(FLOWS, STAGE, "role: policy-admin, needs: 4"), "policy.unsatisfiable"),
    "P12-size": (too_large, "policy.limit"),
    "P12-link": (symlink, "policy.mode"),
    "S12": (lambda firm: firm.write(REVOKED, "garbage\n"), "setup.revocation_invalid"),
    "S21": (keyed("weak", "-t", "rsa", "-b", "1024"), "key.weak"),
    "S22": (keyed("tang-gong"), "key.duplicate"),
}
SOUND: dict[str, Break] = {
    "P07": edit(FLOWS, STAGE, f"{STAGE}, hours: 8"),
    "P09": edit(FLOWS, STAGE, "role: policy-admin, needs: 3"),
    "S12": lambda firm: firm.write(REVOKED, "schema: revoked/1\nrevoked: []\n# none yet\n"),
    "S21": keyed("strong", "-t", "rsa", "-b", "3072"),
    "S22": keyed("second"),
}


def submitted(firm: Company, change: Break) -> None:
    """Commit a change of the policy with everything that it needs."""
    change(firm)
    firm.raise_policy()
    firm.approve_policy("gao-yuan", "su-cai")
    firm.commit("gao-yuan", "policy")


@pytest.mark.parametrize("case", BROKEN, ids=list(BROKEN))
def test_a_policy_that_can_not_be_used(firm: Company, case: str) -> None:
    change, code = BROKEN[case]
    submitted(firm, change)
    assert code in firm.everywhere("HEAD~1")

    firm.land()
    draft(firm)
    firm.submit()
    firm.commit("lin-xiao", "order")
    assert firm.everywhere() == [code]
    refused = firm.gate()
    assert all(re.fullmatch(r"policy/[a-z]+\.yaml", f["path"]) for f in refused["findings"])


@pytest.mark.parametrize("case", SOUND, ids=list(SOUND))
def test_its_twin_lands(firm: Company, case: str) -> None:
    submitted(firm, SOUND[case])
    assert firm.everywhere("HEAD~1") == []
