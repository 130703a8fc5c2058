"""The reference model: may a step land, said anew from what is required, over plain values; no Git, no bytes, no YAML.

Slow and simple on purpose. Where it and the gate differ, one of them is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.trust.histories import (
    RETIRED,
    STATEMENT,
    Commit,
    Customer,
    Doc,
    Files,
    Flows,
    Manifest,
    Order,
    People,
    Shipment,
    Sig,
    Statement,
    Submission,
)
from tests.trust.model_facts import (
    CUSTOMER,
    OWN,
    POLICY,
    SMALL,
    By,
    Touched,
    ancestors,
    authors,
    changes,
    counted,
    differing,
    folder,
    material_change,
    own_submission,
    own_work,
    stages,
    statements_in,
    taken_back,
)

AHEAD = 600
OPEN = ("none", "draft", "submitted", "rejected")


def judge(before: Commit, after: Commit, now: int) -> set[str]:
    """Return why the step may not land; nothing: it may."""
    return Step(before, after, now).codes()


class Step:
    def __init__(self, before: Commit, after: Commit, now: int) -> None:
        self.before, self.after, self.now = before, after, now
        self.old, self.new = before.files, after.files
        people, manifest = self.old[POLICY[0]], self.old[POLICY[2]]
        assert isinstance(people, People) and isinstance(manifest, Manifest)
        self.people, self.policy = people, manifest
        self.roles = dict(people.roles)
        self.changed = changes(self.old, self.new)
        self.by: list[By] = []

    def codes(self) -> set[str]:
        found = set()
        for commit in self.range():
            found |= set(self.commit(commit))
        if self.after.at < self.before.at - 600:  # a clock may be ten minutes ahead
            found.add("time.backwards")
        found |= set(self.deleted())
        found |= set(self.policy_change())
        for number in sorted({path.split("/")[3] for path in self.changed if path.startswith("orders/")}):
            found |= set(self.case(number))
        return found

    def range(self) -> list[Commit]:
        landed = set(map(id, ancestors(self.before)))
        return [c for c in ancestors(self.after) if id(c) not in landed]

    # Commits: whose are they, and may these people change what they changed?

    def commit(self, commit: Commit) -> Iterator[str]:
        if commit.at > self.now + AHEAD:
            yield "time.skew"
        person, problem = self.proof(commit.key, commit.namespace, "git", commit.broken)
        if len(commit.parents) == 1:
            touched = changes(commit.parents[0].files, commit.files)
            clean = False
        else:
            touched, smuggled = own_work(commit)
            idle = any(c is commit.parents[1] for c in ancestors(commit.parents[0]))  # nothing was there to merge
            clean = not touched and not idle
            if smuggled:
                yield "merge.unclean"
                return
        self.by.append(By(commit, person, touched))
        speaks = {} if person else self.speaks(commit.files, touched)
        if problem and not clean and (not touched or set(touched) - set(speaks)):
            yield problem
            return
        for path, (old, new) in touched.items():
            yield from self.path(path, old, new, speaks.get(path, person))

    def proof(self, key: str, namespace: str, wanted: str, broken: bool) -> tuple[str, str]:
        """Return the person whom a signature proves, or ("", why it proves nobody)."""
        if not key:
            return "", "sig.none"
        if namespace != wanted:
            return "", "sig.namespace"
        if broken:
            return "", "sig.bad"
        if key.split("/", maxsplit=1)[0] not in self.roles:
            return "", "sig.unknown_key"
        if key in self.people.retired and self.now >= RETIRED:
            return "", "key.expired"
        return key.split("/", maxsplit=1)[0], ""

    def detached(self, files: Files, path: str) -> tuple[str, str] | None:
        """Return whom the signature beside a document proves, and what is wrong with it; None without one."""
        sig = files.get(path + ".sig")
        if not isinstance(sig, Sig):
            return None
        return self.proof(sig.key, sig.namespace, STATEMENT, sig.of != files[path])

    def speaks(self, files: Files, touched: Touched) -> dict[str, str]:
        """Return what was changed and speaks for itself, whoever made the commit."""
        found: dict[str, str] = {}
        for path, (_, new) in touched.items():
            if isinstance(new, Statement | Submission):
                person = new.person if isinstance(new, Statement) else new.by
                if self.detached(files, path) == (person, ""):
                    found[path] = person
        for path in list(found):
            beside, order = path + ".sig", path.replace("submission.yaml", "order.yaml")
            if beside in touched:
                found[beside] = found[path]
            doc = files[path]
            if isinstance(doc, Submission) and order in touched and files.get(order) == doc.order:
                found[order] = found[path]
        return found

    def path(self, path: str, old: Doc | None, new: Doc | None, person: str) -> Iterator[str]:
        if "/approvals/" in path:
            if old is not None:
                yield "approval.immutable"
            return
        if path in POLICY:
            return
        kind = path.removesuffix(".sig").rpartition("/")[2].removesuffix(".yaml")
        if new is None and path in self.old and kind in ("order", "submission"):
            yield "document.deleted"
        elif not self.may(person, path, kind, old, new):
            yield "permission.denied"

    def may(self, person: str, path: str, kind: str, old: Doc | None, new: Doc | None) -> bool:
        """Tell whether somebody's roles let them do this, in the status in which the case landed."""
        roles = self.roles.get(person, ())
        if new is None:
            return False
        if path == CUSTOMER:
            what = differing(old, new)
            allowed = ({"limit"} if "finance" in roles else set()) | ({"mail"} if "sales" in roles else set())
            return what <= allowed
        status = self.status(self.old, path.split("/")[3])
        if kind.startswith("shipment"):
            return "warehouse" in roles and status in ("approved", "in-production")
        if "sales" not in roles:
            return False
        return status in OPEN or (kind == "order" and old is not None and differing(old, new) <= {"handler"})

    # Where an order stands.

    def stand(self, files: Files, number: str) -> list[tuple[str, str, list[Statement]]]:
        """Return (stage, state, the statements that count) of each stage of the order's flow."""
        order = files[f"{folder(number)}/order.yaml"]
        assert isinstance(order, Order)
        submission = own_submission(files, number)
        begin = submission.at if submission and submission.order.material == order.material else None
        weight = {"approve": 0, "reject": 1, "withdraw": 2}
        said: dict[tuple[str, str], tuple[str, Statement]] = {}
        listed = [(p, d) for p, d in files.items() if p.startswith(folder(number)) and isinstance(d, Statement)]
        for path, one in sorted(listed, key=lambda i: (i[1].at, weight[i[1].decision], i[0])):
            about = one.about
            if not isinstance(about, Order) or not one.here or about.number != number:
                continue
            if about.revision == order.revision and (one.decision == "withdraw" or about.material == order.material):
                said[one.person, one.stage] = (path, one)
        lives = [
            one
            for _, one in sorted(said.values(), key=lambda i: (i[1].at, i[0]))
            if one.decision == "reject" or (one.decision == "approve" and one.person not in authors(order, submission))
        ]
        found = counted(lives, stages(order), begin)
        lapsed = [s for s in lives if s.decision == "approve" and self.over(s)]
        used = [given[0] for _, state, given in found if state == "approved"]
        if lapsed and (len(used) < len(found) or any(s.expires and s.expires <= max(u.at for u in used) for s in used)):
            found = counted([s for s in lives if s not in lapsed], stages(order), begin)
        return found

    def over(self, one: Statement) -> bool:
        return bool(one.expires) and one.expires <= self.now

    def complete(self, files: Files, number: str) -> bool:
        return f"{folder(number)}/order.yaml" in files and all(s == "approved" for _, s, _ in self.stand(files, number))

    def status(self, files: Files, number: str) -> str:
        order = files.get(f"{folder(number)}/order.yaml")
        if not isinstance(order, Order):
            return "none"
        submission = own_submission(files, number)
        if submission is None or submission.order.material != order.material:
            return "draft"
        if any(state == "rejected" for _, state, _ in self.stand(files, number)):
            return "rejected"
        if not self.complete(files, number):
            return "submitted"
        return "in-production" if f"{folder(number)}/shipment-1.yaml" in files else "approved"

    # One case.

    def case(self, number: str) -> Iterator[str]:
        at = folder(number)
        order, was = self.new.get(f"{at}/order.yaml"), self.old.get(f"{at}/order.yaml")
        assert order is None or isinstance(order, Order)
        if order is not None and {f"{at}/{name}" for name in OWN} & set(self.changed):
            yield from self.order(order, was if isinstance(was, Order) else None)
        elif f"{at}/submission.yaml" in self.changed and f"{at}/submission.yaml" in self.new:
            yield "submission.digest"
        for path, (old, new) in self.changed.items():
            if path.startswith(f"{at}/approvals/") and isinstance(new, Statement) and old is None:
                if any(d.nonce == new.nonce for p, d in statements_in(self.new, at) if p != path):
                    yield "approval.nonce"
                yield from self.statement(path, new, order, number)
        done = order is not None and self.complete(self.new, number)
        for path, doc in self.new.items():
            if (
                path.startswith(at)
                and isinstance(doc, Shipment)
                and not done
                and (path in self.changed or was != order)
            ):
                yield "approval.missing"
        if done and not self.complete(self.old, number):
            for stage, _, statements in self.stand(self.new, number):
                landed = [s for s in statements if s in self.old.values()]
                if not all(self.rests(s, stage, order) for s in landed):
                    yield "approval.context_digest"
                if any(self.over(s) for s in landed):
                    yield "approval.expired"

    def order(self, order: Order, was: Order | None) -> Iterator[str]:
        at = folder(order.number)
        same = was is not None and was.material == order.material
        if was is not None and order.revision != was.revision + (0 if same else 1):
            yield "revision.without_change" if same else "revision.not_raised"
        submission, before = self.new.get(f"{at}/submission.yaml"), self.old.get(f"{at}/submission.yaml")
        if not isinstance(submission, Submission) or submission.order.revision != order.revision:
            if not same:
                yield "submission.missing"
            elif submission != before and submission is not None:
                yield "submission.revision"
            return
        if submission.order.material != order.material:
            yield "submission.digest"
        listed = {submission.by, *submission.authors}
        wrote = {b.person for b in self.by if b.person and material_change(b.touched.get(f"{at}/order.yaml"))}
        known = {before.by, *before.authors} if isinstance(before, Submission) else set()
        if same and was is not None and order.entered_by not in {was.entered_by, *listed}:
            yield "sod.author_added"
        if (wrote | known) - listed:
            yield "sod.author_missing"
        if not {f"{at}/{name}" for name in OWN[1:]} & set(self.changed):
            return
        if same and isinstance(before, Submission) and before.order.revision == submission.order.revision:
            yield "submission.again"
        else:
            yield from self.made(f"{at}/submission.yaml", submission.by, "submission.signer")

    def made(self, path: str, person: str, otherwise: str) -> Iterator[str]:
        """Yield unless a document is proved to be somebody's: by a signature beside it, or by their signed commit."""
        if person not in self.roles:
            yield "person.unknown"
        elif (found := self.detached(self.new, path)) is not None:
            if found[1] or found[0] != person:
                yield found[1] or "approval.signer"
        elif not any(b.person == person and b.touched.get(path, (0, 0))[1] == self.new[path] for b in self.by):
            yield otherwise

    def statement(self, path: str, one: Statement, order: Order | None, number: str) -> Iterator[str]:
        at = folder(number)
        if not one.here:
            yield "approval.context"
            return
        about = one.about
        if order is None or not isinstance(about, Order) or about.number != number:
            yield "approval.subject"
            return
        if one.person not in self.roles:
            yield "person.unknown"
            return
        wrong = set(self.whenever(one))
        if about.revision == order.revision:
            wrong |= {"approval.digest"} if about.material != order.material else set()
        else:
            known = [self.old.get(f"{at}/order.yaml"), *(b.commit.files.get(f"{at}/order.yaml") for b in self.by)]
            if (about.revision, about.material) not in {
                (o.revision, o.material) for o in known if isinstance(o, Order)
            }:
                wrong.add("approval.revision")
        yield from wrong
        if one.stage not in stages(order):
            yield "approval.stage"
            return
        stand = self.stand(self.new, number)
        if one.decision == "withdraw" and not any(taken_back(one, s) for _, s in statements_in(self.new, at)):
            yield "approval.withdraws"
        if one.decision != "withdraw":
            person = self.seat(one, order, stand)
            if person:
                yield person
            if about.revision == order.revision and not self.rests(one, one.stage, order):
                yield "approval.context_digest"
            if about.revision == order.revision and not wrong and not person and not self.counts(one, stand, at):
                yield "approval.order"
        yield from self.made(path, one.person, "approval.evidence")

    def whenever(self, one: Statement) -> Iterator[str]:
        """Yield what is wrong whatever the statement is about."""
        if one.policy.version > self.policy.version or (
            one.policy.version == self.policy.version and one.policy != self.policy
        ):
            yield "approval.policy"
        if one.at > self.now + AHEAD:
            yield "approval.ahead"
        if self.over(one):
            yield "approval.expired"
        if one.bare and one.decision != "withdraw":
            yield "approval.opinion"

    def seat(self, one: Statement, order: Order, stand: list[tuple[str, str, list[Statement]]]) -> str:
        if one.decision == "approve" and one.person in authors(order, own_submission(self.new, order.number)):
            return "sod.self"
        if any(one.person == d.person for stage, _, given in stand if stage != one.stage for d in given):
            return "sod.same_person"
        return "" if one.stage in self.roles[one.person] else "role.inactive"

    def counts(self, one: Statement, stand: list[tuple[str, str, list[Statement]]], at: str) -> bool:
        """Tell whether a statement decides something, or did until its person said something else."""
        given = [d for stage, _, ds in stand if stage == one.stage for d in ds]
        later = any(d.person == one.person and d.at >= one.at for d in given)
        return one in given or later or any(s.withdraws == one for _, s in statements_in(self.new, f"{at}/approvals/"))

    def rests(self, one: Statement, stage: str, order: Order | None) -> bool:
        """Tell whether a statement names the credit limit as it is, where it must or does name one."""
        customer = self.new[CUSTOMER]
        assert isinstance(customer, Customer)
        looks = stage == "finance" and order is not None and stages(order) == SMALL
        return one.seen == customer.limit if looks or one.seen else True

    def deleted(self) -> Iterator[str]:
        for path, (old, new) in self.changed.items():
            if isinstance(new, Sig) and "/approvals/" in path and old is None:
                beside = path.removesuffix(".sig")
                if beside in self.old or beside not in self.new:
                    yield "approval.immutable" if beside in self.new else "approval.stray"
            kept = "/approvals/" in path or path.endswith(("/order.yaml", "/submission.yaml"))
            if new is None and path.startswith("orders/") and kept:
                yield "document.deleted"

    # The policy.

    def policy_change(self) -> Iterator[str]:
        new = {p: d for p, (_, d) in self.changed.items() if p.startswith("policy/approvals/") and p.endswith(".yaml")}
        if not set(POLICY) & set(self.changed):
            if any(isinstance(d, Statement) and p not in self.old for p, d in new.items()):
                yield "policy.statement_alone"
            return
        if any(p not in POLICY and not p.startswith("policy/approvals/") for p in self.changed):
            yield "policy.mixed_change"
        people, flows, manifest = (self.new[p] for p in POLICY)
        assert isinstance(people, People) and isinstance(flows, Flows) and isinstance(manifest, Manifest)
        if flows.needs > sum("policy-admin" in roles for _, roles in people.roles):
            yield "policy.unsatisfiable"  # it is no policy, so nothing else is said of it
        else:
            if manifest.version != self.policy.version + 1:
                yield "policy.version"
            if (manifest.people, manifest.flows) != (people, flows):
                yield "policy.manifest"
        refused = set()
        for path, one in new.items():
            if isinstance(one, Statement) and path not in self.old:
                wrong = set(self.policy_statement(path, one, manifest))
                refused |= {path} if wrong else set()
                yield from wrong
        votes: dict[str, Statement] = {}
        for path, one in sorted(statements_in(self.new, "policy/approvals/"), key=lambda i: (i[1].at, i[0])):
            if path not in refused and one.about == manifest and not self.over(one):
                votes[one.person] = one
        old = self.old[POLICY[1]]
        assert isinstance(old, Flows)
        if any(v.decision == "reject" for v in votes.values()) or len(votes) < old.needs:
            yield "policy.threshold_old"

    def policy_statement(self, path: str, one: Statement, manifest: Manifest) -> Iterator[str]:
        if not isinstance(one.about, Manifest):
            yield "approval.subject"
            return
        if one.person not in self.roles:
            yield "person.unknown"
            return
        yield from self.whenever(one)
        if one.about != manifest:
            yield "approval.digest" if one.about.version == manifest.version else "approval.revision"
        if "policy-admin" not in self.roles[one.person]:
            yield "role.inactive"
        yield from self.made(path, one.person, "approval.evidence")
