"""A requirement says something that can be read in several ways.

需求用词含糊，可以有多种理解。

## Why is this bad?

"A batch, high quality, as soon as possible" is agreed by both sides and means something else to each. What can't be
counted or measured can't be accepted either, and the dispute comes with the delivery.

“一批、高质量、尽快”，双方都点头，理解却各不相同。不能计数、不能测量的要求，也就无法验收，争议要到交货时才爆发。

## Fails

```yaml
# orders/2024/05/OD2024050012/requirement.yaml
why: 新办公区若干工位  # warning: vague-wording
special: Deliver ASAP  # warning: vague-wording
```

## Passes

A vague word passes if the same sentence measures it.

同一句话里给出了可测量的指标，就不算含糊。

```yaml
# orders/2024/05/OD2024050012/requirement.yaml
why: 新办公区 10 个工位
special: 高质量：合格率 ≥99.5%；快速交付，≤7 个工作日
```

## How to fix

Ask the customer the question that the finding names and write the answer: a number with its unit, a date, a
standard.

按提示向客户提问，把答案写清楚：带单位的数字、日期或标准。
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="vague-wording",
    on="requirement",
    severity=Severity.WARNING,
    since="0.1",
    zh="“{word}”没有说清楚",
    en="“{word}” can be read in several ways",
    hint_zh="请问客户：{question_zh}",
    hint_en="ask the customer: {question_en}",
    covers=("REQ-2",),
)

NUMBER = r"(?:[≥≤<>＜＞±=]|不[多少低高超]于|不超过|至少|最多|at least|at most|within|no more than)\s*\d"
DAYS = r"\d*\s*(?:个?\s*(?:工作日|小时|天|日|周)|(?:working |business )?(?:days?|hours?|weeks?))"
WORDS = (
    # Chinese words, English words, what measures them in the same sentence, the question to ask (zh, en)
    (
        "(?<!第)一批(?!次)|一些|若干|几[个台把套张件箱]|大量|少量|适量|数量不限",
        "a (?:batch|few|lot) of|some|several|many|lots of|various",
        None,
        "具体要多少？单位是什么？",
        "how many exactly, and in which unit?",
    ),
    (
        r"大概|大约|左右|上下浮动|差不多|(?<![预合契签节制公邀违特条])约(?=\s*[\d一二三四五六七八九十百千])",
        r"about(?=\s+\d)|around(?=\s+\d)|approximately|approx|roughly|or so|more or less",
        NUMBER,
        "确切数字是多少？允许偏差多少？",
        "which number exactly, and how far may it be off?",
    ),
    (
        "尽快|尽早|及早|早日|从速|马上|立即|立刻|快速交[付货]|快速发货|及时交[付货]|越快越好",
        "asap|as soon as possible|soon|immediately|fast delivery|quick delivery|quickly|promptly",
        NUMBER + DAYS + r"|\d{4}-\d\d-\d\d|\d{1,2} ?月 ?\d{1,2} ?[日号]",
        "最晚哪一天、几点前？",
        "by which day and hour at the latest?",
    ),
    (
        "高质量|高品质|优质|高标准|质量要?好|上档次|高档|结实耐用|美观大方",
        "high[- ]quality|good[- ]quality|top[- ]quality|high standards?|nice",
        NUMBER + r"|\d(?:\.\d+)?\s*[%％]|\b(?:GB|QB|ISO|EN|DIN)\b|国标|行标|[EF]0 ?级",
        "以什么标准或指标验收？例如合格率 ≥99.5%",
        "which standard or figure decides acceptance, such as a pass rate ≥99.5 %?",
    ),
    (
        "等等|之类|诸如此类",
        "etc|and so on|and the like",
        None,
        "还包括哪些？请逐项列出",
        "what else belongs to it? List every item",
    ),
)
"""The word list. English words stand alone: "handsome" doesn't contain "some"."""

FIRST = "".join(sorted(set("".join(zh for zh, *_ in WORDS)) & set(map(chr, range(0x4E00, 0xA000)))))
CHINESE = re.compile(f"(?=[{FIRST}])(?:" + "|".join(f"({zh})" for zh, *_ in WORDS) + ")")
"""Looking at one character first makes the search seven times as fast."""
ENGLISH = re.compile(r"\b(?:" + "|".join(f"({en})" for _, en, *_ in WORDS) + r")\b", re.IGNORECASE)
MEASURED = tuple(re.compile(measure, re.IGNORECASE) if measure else None for _, _, measure, _, _ in WORDS)
SENTENCE = re.compile(r"[。；;！!？?\n]|\.\s")


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for each vague word, once per field, that nothing in its sentence makes measurable."""
    for pointer, text in _texts(doc):
        seen = set()
        for hit in (*CHINESE.finditer(text), *ENGLISH.finditer(text)):
            word, kind = hit[0].lower(), (hit.lastindex or 1) - 1
            measured = MEASURED[kind]
            if word in seen or (measured and measured.search(_sentence(text, hit.start()))):
                continue
            seen.add(word)
            _, _, _, zh, en = WORDS[kind]
            yield RULE.at(doc, pointer, word=hit[0], question_zh=zh, question_en=en)


def _texts(doc: Document) -> Iterator[tuple[str, str]]:
    """Yield pointer and text of every field that says what is wanted."""
    for key in ("why", "special"):
        if key in doc:
            yield f"/{key}", doc[key]
    for at, item in enumerate(doc["items"]):
        for key in ("what", "specification"):
            if key in item:
                yield f"/items/{at}/{key}", item[key]


def _sentence(text: str, at: int) -> str:
    """Return the sentence around position ``at``."""
    start, end = 0, len(text)
    for stop in SENTENCE.finditer(text):
        if stop.end() <= at:
            start = stop.end()
        else:
            end = stop.start()
            break
    return text[start:end]
