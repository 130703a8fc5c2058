"""OpenPGP in all of history: what a later policy knows of such a key counts as for any other."""

from __future__ import annotations

from tests.trust.audits import audit, said
from tests.trust.company import Company
from tests.trust.test_history import history
from tests.trust.test_pgp import Ring, commit, ring, switch_on

__all__ = ["ring"]


def test_s33_openpgp_key_compromised_later(firm: Company, ring: Ring) -> None:
    mine = ring.make("lost@example")
    firm.git("config", "orderctl.root", firm.head())
    switch_on(firm, {"su-cai": (mine, ring.public(mine))})
    made = commit(firm, ring, mine)
    firm.land()
    assert said(audit(firm)) == []
    last = history(firm, "C0001", "--rev", made)["states"][-1]
    assert (last["person"], last["signature"], last["key"]) == ("su-cai", "verified", mine)
    for since, codes in (("2024-05-25T12:00:01+08:00", []), ("2024-05-25T12:00:00+08:00", ["key.compromised"])):
        line = f"fingerprint: {mine}\n"
        text = firm.read("policy/people.yaml")
        firm.write("policy/people.yaml", text.replace(line, f"{line}        compromised_since: {since}\n"))
        firm.raise_policy()
        firm.approve_policy("gao-yuan", "su-cai")
        firm.commit("gao-yuan", "lost")
        assert sorted({code for code, _ in said(audit(firm, "--rev", "HEAD"))}) == codes
        firm.git("reset", "-q", "--hard", made)
