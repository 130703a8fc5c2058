"""Somebody approved as a deputy without being one for this stage, time, flow or amount.

代理审批超出了授权的角色、时间、流程或金额。

## Why is this bad?

A deputy acts within what was handed over: these roles, from then until then, up to that amount. Beyond it nobody
decided who is answerable.

代理只在授权范围内有效：哪些角色、什么期间、多大金额。超出范围的审批，出了问题没有人负责。

## Fails

```yaml
# policy/people.yaml
deputies:
  - for: su-cai
    deputy: he-cang
    roles: [finance]
    from: 2024-05-07T09:00:00+08:00
    until: 2024-05-08T09:00:00+08:00
    cap: 11699.99
    reason: 出差
---
# orders/2024/05/OD2024050012/approvals/order-1-finance.yaml
person: he-cang
for: su-cai  # error: deputy-out-of-scope
```

## Passes

```yaml
# policy/people.yaml
deputies:
  - for: su-cai
    deputy: he-cang
    roles: [finance]
    from: 2024-05-07T09:00:00+08:00
    until: 2024-05-08T09:00:00+08:00
    cap: 11700.00
    reason: 出差
---
# orders/2024/05/OD2024050012/approvals/order-1-finance.yaml
person: he-cang
for: su-cai
```

## How to fix

Have the person themselves approve, or a deputy whose line in `policy/people.yaml` covers it. A new line is a change of
policy; it can't be dated back.

请本人审批，或由授权范围覆盖本单的代理人审批。在 `policy/people.yaml` 中新增授权属于政策变更，不得倒签日期。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl
from orderctl.approvals import judged_earlier, may_decide, stand, subject_of
from orderctl.particulars import named, people

RULE = Rule(
    id="deputy-out-of-scope",
    on="approval",
    severity=Severity.ERROR,
    since="0.1",
    zh="{person_zh}不能在“{stage_zh}”环节代理{for_zh}",
    en="{person_en} can't stand in for {for_en} at the stage {stage_en}",
    hint_zh="核对 policy/people.yaml 中 deputies 的角色、期间、流程和金额上限；或请{for_zh}本人审批",
    hint_en="look at roles, time, flows and cap of the deputies in policy/people.yaml, or have {for_en} decide",
    covers=("APR-8",),
    waivable=False,
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if the statement says for whom it was made and no line for deputies covers it when it was made.

    Stages that the document's flow doesn't have are another rule's findings. What was given under an earlier policy
    was held against the lines of that time when it landed.
    """
    if "for" not in doc or doc["decision"] == "withdraw" or judged_earlier(doc, book):
        return
    subject = subject_of(doc, book)
    if subject is None:
        return
    submission = next(iter(book.case(doc, "submission")), None) if doc.case else None
    for stage in stand(subject, [], submission, book):
        if stage.id == doc["stage"] and not may_decide(
            doc["person"], stage, subject, doc["issued"], book, for_=doc["for"]
        ):
            staff = people(book)
            person, principal = (named(staff.get(id), id) for id in (doc["person"], doc["for"]))
            yield RULE.at(
                doc,
                "/for",
                person_zh=person["zh"],
                person_en=person["en"],
                for_zh=principal["zh"],
                for_en=principal["en"],
                stage_zh=stage.zh,
                stage_en=stage.en,
            )
