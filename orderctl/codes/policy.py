"""Findings about the policy: its files, its people and keys, its flows, and the manifest over all of it."""

from __future__ import annotations

from orderctl.codes import writer
from orderctl.rule import Code

_WHY_ZH = "政策规定谁说了算。政策有一处读不懂，就无法判断任何单据，所以整份政策都不采用。"
_WHY_EN = (
    "The policy says who decides. If one part of it can't be read, nothing can be judged by it, so none of it is used."
)

_code = writer(_WHY_ZH, _WHY_EN)

POLICY_MISSING = _code(
    "policy.missing",
    "缺少政策文件",
    "is a policy file and missing",
    "补上这个文件（orderctl init 会写出一份完整的政策）；清单由 orderctl submit policy 生成",
    "add the file (orderctl init writes a whole policy); orderctl submit policy makes the manifest",
)
POLICY_MODE = _code(
    "policy.mode",
    "不是普通文件（模式 {mode}）",
    "is not an ordinary file (mode {mode})",
    "换成普通文件；可执行位用 chmod -x 去掉",
    "replace it by an ordinary file; take an executable bit away with chmod -x",
)
POLICY_LIMIT = _code(
    "policy.limit",
    "有 {size} 字节，上限 {limit}",
    "has {size} bytes, at most {limit} are read",
    "删去多余的内容",
    "take out what doesn't belong there",
)
POLICY_INVALID = _code(
    "policy.invalid",
    "政策有误：{reason_zh}",
    "is a wrong policy: {reason_en}",
    "{advice_zh}",
    "{advice_en}",
)
POLICY_UNSATISFIABLE = _code(
    "policy.unsatisfiable",
    "流程“{flow}”凑不齐审批人：{reason_zh}",
    "has a flow {flow} that nobody can complete: {reason_en}",
    "{advice_zh}",
    "{advice_en}",
    "审批永远凑不齐的流程，会让订单一直停在那里；政策自身的流程凑不齐，就再也没有人能修改政策。",
    "Orders wait for ever in a flow that can't be completed; if it is the policy's own, nobody can ever change it.",
)
POLICY_CYCLIC = _code(
    "policy.cyclic",
    "{what_zh}互相等待：{names}",
    "has {what_en} that wait for one another: {names}",
    "去掉其中一处引用",
    "take one of the references away",
)
POLICY_VERSION = _code(
    "policy.version",
    "政策版本是 {found}，应为 {expected}",
    "says version {found}, it must be {expected}",
    "运行 orderctl submit policy，重新生成清单",
    "run orderctl submit policy: it writes the manifest anew",
    "版本只能逐一递增，旧政策才不会被悄悄换回来。",
    "Versions grow one by one, so that nobody can bring an old policy back.",
)
POLICY_ISSUED = _code(
    "policy.issued",
    "政策的签发时间 {issued} {reason_zh}",
    "says that it was issued at {issued}, {reason_en}",
    "运行 orderctl submit policy，重新生成清单；时间不对就先校准电脑的时钟",
    "run orderctl submit policy: it writes the manifest anew; set the computer's clock first if it is wrong",
    "清单签发时谁在职、谁有密钥，决定政策以后还能不能改；倒填或预填日期会绕过这项检查。",
    "Whether the policy can ever be changed again is judged by who is there, and has a key, when it is issued; another "
    "date would get around that.",
)
POLICY_PREVIOUS = _code(
    "policy.previous",
    "上一版的 SHA-256 是 {found}，应为 {expected}",
    "names {found} as the manifest before, it is {expected}",
    "运行 orderctl submit policy，重新生成清单",
    "run orderctl submit policy: it writes the manifest anew",
    "每一版都写明上一版的摘要，整条政策链才无法篡改。",
    "Each version names the one before by its digest, so that the chain can't be altered.",
)
POLICY_MANIFEST = _code(
    "policy.manifest",
    "清单与文件不符：{reason_zh}（{file}）",
    "doesn't match the files: {file} {reason_en}",
    "运行 orderctl submit policy，重新生成清单",
    "run orderctl submit policy: it writes the manifest anew",
    "批准的是清单；清单必须逐一写明每个文件，批准才覆盖全部内容。",
    "The manifest is what gets approved; it has to name every file, so that the approval covers all of them.",
)
KEY_DUPLICATE = _code(
    "key.duplicate",
    "这把密钥已登记在 {other} 名下",
    "is a key that {other} has already",
    "每人每台设备各用一把密钥：ssh-keygen -t ed25519",
    "one key for each person and each device: ssh-keygen -t ed25519",
    "一把密钥只能代表一个人，否则分不清是谁批的。",
    "A key stands for one person; with two, nobody could tell who approved.",
)
SETUP_REVOCATION_MISSING = _code(
    "setup.revocation_missing",
    "缺少吊销清单",
    "is missing: the list of revoked keys",
    "补上这个文件；没有吊销的密钥就写 revoked: []",
    "add the file; with no key revoked, write revoked: []",
    "没有这份清单，已吊销的密钥会被当作有效。",
    "Without the list, a revoked key would pass as a good one.",
)
SETUP_REVOCATION_INVALID = _code(
    "setup.revocation_invalid",
    "吊销清单读不懂：{reason_zh}",
    "is a list of revoked keys that can't be read: {reason_en}",
    "{advice_zh}",
    "{advice_en}",
    "清单读不懂时，已吊销的密钥会被当作有效。",
    "With a list that can't be read, a revoked key would pass as a good one.",
)

CODES = tuple(v for v in list(globals().values()) if isinstance(v, Code))
