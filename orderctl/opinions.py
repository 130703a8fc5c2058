"""What an opinion says: whether it is a bare yes or no, and whether a rejection asks for anything."""

from __future__ import annotations

import re
import unicodedata

_CONSENT = re.compile(
    r"不?同意|不?批准|不?通过|不?赞成|不?可以|不?行|不?可|已审[核批]|已审|已阅|审核|审批|核准|准|好的?|"
    r"无(?:意见|异议|问题)?|没有?(?:意见|异议|问题)|知道了|收到|了解|对|是|否|嗯|"
    r"驳回|退回|拒绝|请?领导|同上|按流程|办理|照办|[的了吧啊]|"
    r"approved?|disagreed?|agreed?|rejected?|refused?|denied|deny|accept(?:ed)?|confirm(?:ed)?|pass(?:ed)?|lgtm|seen|"
    r"checked|okay|ok|ок|yes|none|not|no|fine|good|great|sure|done|thanks?|please|are|all|it|is|to|me|we|[iknyv]",
    re.IGNORECASE,
)
"""Words of consent and refusal, longer ones first."""
_ASKS = re.compile(
    r"[请须需应改补缺降升提减增]|重新|调整|核实|确认|提供|取消|延期|提前|不得|不能超过|"
    r"\b(?:please|must|should|needs?|change|correct|lower|raise|reduce|increase|add|attach|provide|missing|lacks?|"
    r"ask|move|postpone|cancel|remove|replace|split|at (?:most|least)|instead|until|first)\b",
    re.IGNORECASE,
)
"""Words that ask for something. Whoever asks for a change uses one of them; a mere verdict uses none."""


def is_bare(opinion: str) -> bool:
    """Tell whether nothing is left of an opinion without words of consent or refusal, figures and punctuation.

    Full-width letters are letters; spaces, signs and invisible characters are nothing: Ｏ Ｋ！ is as bare as ok.
    """
    plain = unicodedata.normalize("NFKC", opinion)
    letters = "".join(c for c in plain if unicodedata.category(c)[0] == "L")
    return not _CONSENT.sub("", letters)


def asks_for_change(opinion: str) -> bool:
    """Tell whether a rejection's opinion says what must change."""
    return _ASKS.search(unicodedata.normalize("NFKC", opinion)) is not None
