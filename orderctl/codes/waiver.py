"""Findings about waivers: documents that let one finding pass for a while."""

from __future__ import annotations

from dataclasses import replace

from orderctl.codes import writer
from orderctl.model import Severity
from orderctl.rule import Code

_code = writer(
    "豁免单放行一项确有原因的例外：写明哪条规则、哪份单据、多久、谁批准。对不上任何问题的豁免单只会让人误以为有例外。",
    "A waiver lets one exception pass that has a reason: which rule, which document, how long, who agreed. One that "
    "fits nothing only makes people believe that there is an exception.",
)

WAIVER_STALE = replace(
    _code(
        "waiver.stale",
        "{document} 目前没有规则 {rule} 的问题，这张豁免单没有用处",
        "waives nothing: {document} has no finding of {rule} now",
        "核对 rule、path 和 pointer；问题已解决的，把 until 改为今天",
        "compare rule, path and pointer; if the matter is settled, let until be today",
    ),
    severity=Severity.INFO,
)
WAIVER_NEVER = _code(
    "waiver.never",
    "规则 {rule} 不能豁免",
    "{rule} can't be waived",
    "请改正单据本身；审批、签名和文件格式的问题不接受豁免",
    "mend the document itself: nothing about approvals, signatures or the form of files is waived",
    "豁免要靠审批才生效。审批和签名的规则如果也能豁免，谁都可以先豁免再自己批准。",
    "A waiver rests on approvals. Could the rules of approvals and signatures be waived, anybody could waive them "
    "first and then approve it themselves.",
)
WAIVER_UNKNOWN_RULE = _code(
    "waiver.unknown_rule",
    "没有规则 {rule}",
    "there is no rule {rule}",
    "抄写检查结果中方括号里的规则名，例如 credit-limit-exceeded",
    "copy the rule's name from the finding, such as credit-limit-exceeded",
)
WAIVER_REQUESTER = _code(
    "waiver.requester",
    "豁免单写的申请人是 {asked}，签署改动的却是 {who}",
    "was written by {who}, but says that {asked} asked for it",
    "由申请人本人提交，或把 requested_by 写成提交的人",
    "let whoever asks for it commit it, or write who did in requested_by",
    "申请人不能批准自己的豁免单，所以申请人必须属实。",
    "Whoever asks for a waiver can't approve it, so that name must be true.",
)

CODES = tuple(v for v in list(globals().values()) if isinstance(v, Code))
