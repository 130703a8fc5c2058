"""Random histories: people who mostly do what they should, and now and then something that they shouldn't."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from tests.trust.histories import (
    DAY,
    ROLES,
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
    Store,
    Submission,
    start,
)
from tests.trust.model import Step
from tests.trust.model_facts import CUSTOMER, POLICY, SMALL, changes, folder, joined, stages, statements_in

NUMBERS = ("OD2024050014", "OD2024050015")
CONTENTS = ((3, 350), (4, 350), (285, 350), (400, 250), (286, 350))
"""Quantity and price: 1,050.00, 1,400.00, 99,750.00, 100,000.00 and 100,100.00."""
PEOPLE = (*ROLES, "mallory")
HOLDERS = {
    stage: [p for p, roles in ROLES.items() if stage in roles]
    for stage in (*SMALL, "sales-director", "general-manager")
}
T = TypeVar("T")


class Play:
    """One history. ``draw`` returns a number from 0 up to, not including, the one given; small ones are honest."""

    def __init__(self, store: Store, draw: Callable[[int], int]) -> None:
        self.store = store
        self.draw = draw
        self.now = DAY + 5 * 86400
        self.main = store.commit((), start(), DAY - 3600, "gao-yuan")
        self.root = self.main
        self.count = 0
        self.upright = False
        """Of this push: everybody does what they should, in the order in which they should."""

    def any(self, options: Sequence[T]) -> T:
        return options[self.draw(len(options))]

    def mostly(self, honest: T, *others: T) -> T:
        """Return the honest option, one time in sixteen another."""
        return self.any(others) if not self.upright and self.draw(16) == 9 else honest

    def push(self) -> Commit:
        """Return the next head that somebody pushes; ``main`` moves only when it is told to."""
        self.now += 1800
        self.upright = self.draw(2) == 0
        landing = self.any(("linear", "squash", "merge", "merge", "rewind" if self.draw(16) == 9 else "linear"))
        fork = self.main
        if landing in ("merge", "rewind") and self.main.parents and self.draw(2):
            fork = self.main.parents[0]
        tip = fork
        for _ in range(1 + self.draw(3)):
            files = dict(tip.files)
            actor = self.move(files)
            if landing == "squash" and self.draw(2):
                self.move(files)
            tip = self.commit((tip,), files, actor)
        if landing in ("linear", "rewind"):
            return tip
        if fork is not self.main and self.clashes(fork, tip) - {CUSTOMER}:
            return self.main
        if landing == "squash":
            return self.commit((self.main,), tip.files, self.any(("", *PEOPLE)))
        return self.merge(fork, tip)

    def clashes(self, fork: Commit, tip: Commit) -> set[str]:
        return set(changes(fork.files, tip.files)) & set(changes(fork.files, self.main.files))

    def merge(self, fork: Commit, tip: Commit) -> Commit:
        ours, theirs = self.main.files, changes(fork.files, tip.files)
        files = {p: d for p, d in ours.items() if p not in theirs}
        files |= {p: d for p, (_, d) in theirs.items() if d is not None}
        if CUSTOMER in self.clashes(fork, tip):
            both = joined(fork.files[CUSTOMER], ours[CUSTOMER], tip.files[CUSTOMER])
            files[CUSTOMER] = both[0] if both else self.any((ours[CUSTOMER], tip.files[CUSTOMER], Customer(7)))
        kind = self.mostly("clean", "evil", "ours", "sideways")
        if kind == "evil":
            self.move(files)
        parents = (tip, self.main) if kind == "sideways" else (self.main, tip)
        return self.commit(parents, ours if kind == "ours" else files, self.any(("", "lin-xiao", "su-cai")))

    def commit(self, parents: tuple[Commit, ...], files: Files, actor: str) -> Commit:
        self.count += 1
        at = self.mostly(self.now - 300 + self.count, self.now + 600, self.now + 601, self.main.at, self.main.at - 601)
        key = self.mostly(actor, f"{actor}/second", "lin-xiao/old", "mallory", "", *PEOPLE) if actor else ""
        namespace = self.mostly("git", "orderctl-approval@v1") if self.draw(4) == 2 else "git"
        broken = namespace == "git" and self.draw(60) == 37
        return self.store.commit(parents, files, at, key, namespace, broken)

    # What people do. Each changes the files and returns who is likely to commit it.

    def move(self, files: dict[str, Doc]) -> str:
        number = self.any((NUMBERS[0], NUMBERS[0], NUMBERS[1]))
        if self.upright or self.draw(3) < 2:
            return self.next(files, number)
        moves: list[Callable[[dict[str, Doc], str], str]] = [
            self.next, self.material, self.immaterial, self.submit, self.decide, self.withdraw, self.copy, self.tamper,
            self.ship, self.customer, self.policy, self.policy, self.nothing,
        ]  # fmt: skip
        return self.any(moves)(files, number)

    def next(self, files: dict[str, Doc], number: str) -> str:
        """What comes next for an order."""
        status = Step(self.main, self.main, self.now).status(files, number)
        actor = "lin-xiao"
        if status == "none":
            return self.create(files, number)
        if status == "draft":
            return self.submit(files, number)
        if status == "submitted":
            rounds = 5 if self.draw(2) else 1
            while rounds and Step(self.main, self.main, self.now).status(files, number) == "submitted":
                actor, rounds = self.decide(files, number), rounds - 1
            return actor
        return self.ship(files, number) if status == "approved" else self.immaterial(files, number)

    def create(self, files: dict[str, Doc], number: str) -> str:
        quantity, price = self.any(CONTENTS)
        entered = self.mostly("lin-xiao", "bo-wen", "chen-jie")
        files[f"{folder(number)}/order.yaml"] = Order(number, quantity, price, entered_by=entered)
        if self.draw(4) < 3:
            self.submit(files, number)
        return self.mostly("lin-xiao", "bo-wen")

    def material(self, files: dict[str, Doc], number: str) -> str:
        order = files.get(f"{folder(number)}/order.yaml")
        if not isinstance(order, Order):
            return self.create(files, number)
        quantity, price = self.any(CONTENTS)
        main = self.main.files.get(f"{folder(number)}/order.yaml")
        raised = (main.revision if isinstance(main, Order) else 0) + 1
        revision = self.mostly(raised, order.revision, order.revision + 1)
        files[f"{folder(number)}/order.yaml"] = replace(order, quantity=quantity, price=price, revision=revision)
        return self.submit(files, number) if self.mostly(True, False) else "lin-xiao"

    def immaterial(self, files: dict[str, Doc], number: str) -> str:
        order = files.get(f"{folder(number)}/order.yaml")
        if not isinstance(order, Order):
            return self.create(files, number)
        handler = self.any(("lin-xiao", "bo-wen", "chen-jie"))
        what: dict[str, Any] = self.mostly(
            {"handler": handler}, {"phone": "13900000009"}, {"entered_by": "bo-wen"}, {"revision": order.revision + 1}
        )
        files[f"{folder(number)}/order.yaml"] = replace(order, **what)
        return self.mostly("lin-xiao", "bo-wen", "he-cang")

    def submit(self, files: dict[str, Doc], number: str) -> str:
        at = folder(number)
        order, before = files.get(f"{at}/order.yaml"), files.get(f"{at}/submission.yaml")
        by = self.mostly("lin-xiao", "bo-wen", "chen-jie", "mallory")
        known = before.authors if isinstance(before, Submission) else ()
        authors = self.mostly(tuple(sorted({by, *known})), ("lin-xiao", "bo-wen"), ("chen-jie",), ())
        if not isinstance(order, Order):
            order = Order(number, *CONTENTS[0])
        if self.draw(40) == 23:
            order = replace(order, revision=order.revision + 1)
        made = Submission(order, by, authors, self.mostly(DAY, DAY + 7200))
        files[f"{at}/submission.yaml"] = made
        self.sign(files, f"{at}/submission.yaml", by)
        return by

    def decide(self, files: dict[str, Doc], number: str) -> str:
        order = files.get(f"{folder(number)}/order.yaml")
        if not isinstance(order, Order):
            order = Order(number, *CONTENTS[0])
            stand = []
        else:
            stand = Step(self.main, self.main, self.now).stand(files, number)
        stage = next((s for s, state, _ in stand if state == "open"), self.any(stages(order)))
        stage = self.mostly(stage, *HOLDERS)
        person = self.mostly(self.any(HOLDERS[stage]), *PEOPLE)
        before = [d.at for _, _, given in stand for d in given[:1]]
        honest = max([DAY, *before]) + 3600
        at = self.mostly(honest, DAY, DAY - 1, self.now + 600, self.now + 601, honest - 3600, honest - 3601)
        customer = self.main.files[CUSTOMER]
        assert isinstance(customer, Customer)
        looks = stage == "finance" and stages(order) == SMALL
        policy = self.main.files[POLICY[2]]
        assert isinstance(policy, Manifest)
        self.count += 1
        one = Statement(
            self.mostly(
                Order(number, *order.material[1:], revision=order.revision),
                Order(number, *order.material[1:], revision=order.revision + 1),
                Order(number, *self.any(CONTENTS), revision=order.revision),
                Order(number, *self.any(CONTENTS), revision=max(1, order.revision - 1)),
                Order(self.any(NUMBERS), *order.material[1:], revision=order.revision),
            ),
            stage,
            person,
            self.mostly(policy, policy.previous or policy, replace(policy, version=policy.version + 1)),
            at,
            f"{number} {self.count}",
            decision=self.mostly("approve", "approve", "reject"),
            zulu=bool(self.draw(4) == 2),
            expires=self.mostly(0, self.now, self.now + 1, self.now + 3000),
            seen=self.mostly(customer.limit, 0, 1) if looks else self.mostly(0, customer.limit, 1),
            bare=self.draw(60) == 37,
            here=self.draw(60) != 37,
        )
        return self.put(files, f"{folder(number)}/approvals/order-{order.revision}-{stage}.{person}", one)

    def put(self, files: dict[str, Doc], stem: str, one: Statement) -> str:
        """Write a statement under a name that is free, and sign it; without a signature the person commits it."""
        names = [f"{stem}.yaml", *(f"{stem}.{n}.yaml" for n in range(2, 9))]
        path = next(name for name in names if name not in files or name == names[-1])
        files[path] = one
        if not self.sign(files, path, one.person):
            return self.mostly(one.person, "lin-xiao")
        return self.mostly("lin-xiao", one.person)

    def sign(self, files: dict[str, Doc], path: str, person: str) -> bool:
        doc = files[path]
        assert isinstance(doc, Statement | Submission)
        if self.draw(5) == 3 and path + ".sig" not in files:
            return False
        key = self.mostly(person, f"{person}/second", "su-cai/old", "mallory", *PEOPLE)
        others = [d for d in files.values() if isinstance(d, Statement | Submission)]
        of = self.any(others) if self.draw(60) == 37 else doc
        sig = Sig(of, key, self.mostly("orderctl-approval@v1", "git") if self.draw(4) == 2 else "orderctl-approval@v1")
        files[path + ".sig"] = sig
        return True

    def withdraw(self, files: dict[str, Doc], number: str) -> str:
        said = statements_in(files, f"{folder(number)}/approvals/")
        if not said:
            return self.decide(files, number)
        path, one = self.any(said)
        self.count += 1
        person = self.mostly(one.person, *PEOPLE)
        policy = self.main.files[POLICY[2]]
        assert isinstance(policy, Manifest)
        taken = replace(
            one, decision="withdraw", withdraws=self.mostly(one, None), at=self.mostly(one.at + 60, one.at, one.at - 1),
            person=person, nonce=f"{number} {self.count}", expires=0, seen=0, policy=policy,
        )  # fmt: skip
        return self.put(files, path.removesuffix(".yaml"), taken)

    def copy(self, files: dict[str, Doc], number: str) -> str:
        said = statements_in(files, "orders/")
        if not said:
            return self.decide(files, number)
        path, one = self.any(said)
        target = f"{folder(self.any(NUMBERS))}/approvals/{path.rpartition('/')[2].removesuffix('.yaml')}.copy.yaml"
        files[target] = one
        if path + ".sig" in files and self.draw(4):
            files[target + ".sig"] = files[path + ".sig"]
        return self.any(("lin-xiao", one.person))

    def tamper(self, files: dict[str, Doc], number: str) -> str:
        """Change or remove what is there to stay."""
        mine = [p for p in files if p.startswith("orders/")]
        if not mine:
            return self.create(files, number)
        path = self.any(sorted(mine))
        doc = files[path]
        if isinstance(doc, Statement) and self.draw(2):
            files[path] = replace(doc, decision="approve", nonce=doc.nonce + " anew")
        else:
            del files[path]
        return self.any(("lin-xiao", "bo-wen", "su-cai"))

    def ship(self, files: dict[str, Doc], number: str) -> str:
        if isinstance(files.get(f"{folder(number)}/order.yaml"), Order) or self.draw(4) == 3:
            files[f"{folder(number)}/shipment-1.yaml"] = Shipment(self.any((1, 2)))
        return self.mostly("he-cang", "lin-xiao", "luo-yun")

    def customer(self, files: dict[str, Doc], _number: str) -> str:
        customer = files[CUSTOMER]
        assert isinstance(customer, Customer)
        if self.draw(2):
            files[CUSTOMER] = replace(customer, limit=self.any((200000, 300000, 400000)))
            return self.mostly("su-cai", "bo-wen", "lin-xiao")
        files[CUSTOMER] = replace(customer, mail=self.any(("li.q@yunfan.example", "li@yunfan.example")))
        return self.mostly("lin-xiao", "su-cai")

    def policy(self, files: dict[str, Doc], _number: str) -> str:
        """Change people or flows, raise the manifest, and have so many admins approve it."""
        people, flows, manifest = (files[p] for p in POLICY)
        assert isinstance(people, People) and isinstance(flows, Flows) and isinstance(manifest, Manifest)
        people, flows = self.changed_policy(people, flows)
        files[POLICY[0]], files[POLICY[1]] = people, flows
        old = self.main.files[POLICY[2]]
        assert isinstance(old, Manifest)
        version = self.mostly(old.version + 1, old.version, old.version + 2)
        made = Manifest(version, people, flows, old)
        if self.mostly(True, False):
            files[POLICY[2]] = made
        if self.draw(16) == 9:
            files[POLICY[1]] = Flows(1)
        admins = self.any((("gao-yuan", "su-cai"), ("su-cai", "jiang-ming", "gao-yuan"), ("gao-yuan",), ()))
        admins = self.mostly(admins, ("gao-yuan", "lin-xiao"), ("lin-xiao", "he-cang"), ("gao-yuan", "mallory"))
        for person in admins:
            self.count += 1
            one = Statement(
                made, "policy-admin", person, old, DAY + 60 * self.count, f"policy {self.count}",
                decision="approve" if self.draw(30) != 17 else "reject", bare=self.draw(60) == 37,
            )  # fmt: skip
            path = f"policy/approvals/policy-{version}-policy-admin.{person}"
            if f"{path}.yaml" not in files or self.draw(8) == 5:
                files[f"{path}.yaml"] = one
                self.sign(files, f"{path}.yaml", person)
        return self.mostly("gao-yuan", "lin-xiao")

    def changed_policy(self, people: People, flows: Flows) -> tuple[People, Flows]:
        roles = dict(people.roles)
        what = self.any(
            ("he-cang finance", "chen-jie sales", "lin-xiao policy-admin", "retire", "one", "three", "four")
        )
        if " " in what:
            person, role = what.split()
            had = roles[person]
            roles[person] = (role,) if role == "sales" else tuple(dict.fromkeys((*had, role)))
            return replace(people, roles=tuple(roles.items())), flows
        if what == "retire":
            key = self.any(("su-cai/second", "chen-jie/second", "lin-xiao/second"))
            return replace(people, retired=people.retired | {key}), flows
        return people, Flows({"one": 1, "three": 3, "four": 4}[what])

    def nothing(self, _files: dict[str, Doc], _number: str) -> str:
        return "lin-xiao"
