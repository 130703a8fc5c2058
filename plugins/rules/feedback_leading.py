"""A return visit asked a leading question.

回访时提了诱导性问题。

## Why is this bad?

"You are satisfied, aren't you?" gets a yes from everybody. The scores become worthless, and the real complaint is
made to other customers.

“您很满意吧？”谁都会说是。这样得来的评分毫无价值，真正的不满只会说给别的客户听。

## Fails

```yaml
# orders/2024/05/OD2024050012/feedback.yaml
question: 您对我们的产品还是很满意的吧？  # warning: feedback-leading
```

## Passes

```yaml
# orders/2024/05/OD2024050012/feedback.yaml
question: 您给这次的质量、时效和服务各打几分？哪里需要改进？
```

## How to fix

Ask openly: how was it, what should be better, how many points from 1 to 5? Ask again where the answer came from a
leading question.

用开放式提问：怎么样、哪里需要改进、1 到 5 分打几分？用诱导性问题得到的回答应重新询问。
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="feedback-leading",
    on="feedback",
    severity=Severity.WARNING,
    since="0.1",
    zh="“{phrase}”是诱导性问法",
    en="“{phrase}” is a leading question",
    hint_zh="改问：您打几分？哪里需要改进？",
    hint_en="ask instead: how many points, and what should be better?",
    covers=("AFT-1",),
)

LEADING = re.compile(
    r"(?:很|挺|非常|十分|都|比较|还是很?|应该)?(?:满意|不错|很好|没(?:有)?问题)的?(?:[吧对]|是吧|对吧|对不对|是不是)|"
    r"是不是(?:很|挺|非常)?(?:满意|不错|好)|难道不|您(?:肯定|一定|当然)|给(?:个|我们)?(?:五星|满分|好评)|"
    r"\b(?:aren't you|isn't it|wasn't it|don't you (?:think|agree)|wouldn't you (?:say|agree)|surely|of course you|"
    r"you (?:are|were) (?:very |quite )?(?:satisfied|happy), (?:right|yes)|five stars|full marks)\b",
    re.IGNORECASE,
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if the question that was asked suggests its answer."""
    hit = LEADING.search(doc.get("question", ""))
    if hit:
        yield RULE.at(doc, "/question", phrase=hit[0])
