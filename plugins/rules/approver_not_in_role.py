"""An approval was given by somebody who doesn't have the stage's role.

审批人不具备该节点要求的岗位角色。

## Why is this bad?

A stage exists so that a certain competence has looked. Finance's approval by a salesperson is no approval by
finance.

设置审批节点，是为了让相应岗位把关。业务员代批财务节点，不等于财务批过。

## Fails

```yaml
# orders/2024/05/OD2024050012/approvals/order-1-finance.yaml
person: tang-gong  # error: approver-not-in-role
```

## Passes

```yaml
# orders/2024/05/OD2024050012/approvals/order-1-finance.yaml
person: su-cai
```

## How to fix

Have somebody with the role approve. If the person has taken over the role, add it to `policy/people.yaml`.

请具备该角色的人审批。如果此人已接任该岗位，在 `policy/people.yaml` 中补上角色。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl
from orderctl.approvals import judged_earlier, may_decide, stand, subject_of
from orderctl.particulars import named, names, people

RULE = Rule(
    id="approver-not-in-role",
    on="approval",
    severity=Severity.ERROR,
    since="0.1",
    zh="{person_zh}不具备“{stage_zh}”节点要求的角色 {role}",
    en="{person_en} doesn't have the role {role}, which the stage {stage_en} asks for",
    hint_zh="可审批的人：{who_zh}",
    hint_en="who may approve: {who_en}",
    covers=("APR-1", "APR-2"),
    waivable=False,
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if the approver has no role that a stage of this id asks for in the flows of this subject.

    Whoever a late stage passes on to may decide from when it is late, and says why. Deputies, unknown stages and
    unknown persons are other rules' findings; taking back what one said is open to everybody.
    """
    policy, staff = book.doc("flows", "flows"), people(book)
    if policy is None or "for" in doc or doc["decision"] == "withdraw" or judged_earlier(doc, book):
        return
    stages = [
        stage
        for flow in policy["flows"]
        if flow["subject"] == doc["subject"]
        for stage in flow["stages"]
        if stage["id"] == doc["stage"]
    ]
    wanted = {role for stage in stages for role in stage.get("roles", (stage.get("role"),))}
    approver = staff.get(doc["person"])
    if not wanted or approver is None or wanted & set(approver["roles"]) or _took_over(doc, book):
        return
    person = named(approver, doc["person"])
    who = names(book, [id for id, p in staff.items() if wanted & set(p["roles"]) and "left_on" not in p])
    yield RULE.at(
        doc,
        "/person",
        person_zh=person["zh"],
        person_en=person["en"],
        stage_zh=stages[0]["zh"],
        stage_en=stages[0]["en"],
        role="/".join(sorted(wanted)),
        who_zh=who["zh"],
        who_en=who["en"],
    )


def _took_over(doc: Document, book: Book) -> bool:
    """Tell whether the stage had passed on to the approver's role when they decided, and they say why."""
    subject = subject_of(doc, book) if "reason" in doc else None
    if subject is None:
        return False
    submission = next(iter(book.case(doc, "submission")), None) if doc.case else None
    said = book.case(doc, "approval") if doc.case else ()
    return any(
        stage.id == doc["stage"] and may_decide(doc["person"], stage, subject, doc["issued"], book) != ""
        for stage in stand(subject, said, submission, book)
    )
