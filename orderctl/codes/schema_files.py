"""Findings about schema files themselves: the built-in ones (a test lints them) and a company's own."""

from __future__ import annotations

from orderctl.codes import writer
from orderctl.rule import Code

_WHY_ZH = "文档类型的一切（校验、表单、列表、脱敏、审批摘要）都出自模式文件；其中一处含糊，处处含糊。"
_WHY_EN = "Checks, forms, lists, redaction and digests come from the schema: what is vague there is vague everywhere."
_EXTEND_ZH = "扩展只能增加和收紧：放宽内置规定会让已有审批与权限失去依据。"
_EXTEND_EN = (
    "An extension may add and tighten only: relaxing what is built in would undo approvals and rights that rest on it."
)


_code = writer(_WHY_ZH, _WHY_EN)


JSON = _code(
    "schema.json",
    "模式文件不是正确的 JSON：{found}",
    "the schema is not correct JSON: {found}",
    "检查这一行及上一行的引号、逗号与括号",
    "check quotes, commas and brackets of this line and the one above",
)
UNKNOWN_KEYWORD = _code(
    "schema.unknown_keyword",
    "模式中没有“{keyword}”这个关键字",
    'a schema has no keyword "{keyword}"',
    "改为 {expected}，或删去",
    "write {expected}, or delete it",
)
BAD_VALUE = _code(
    "schema.bad_value",
    "“{keyword}”的值写错了：{found}",
    '"{keyword}" has a wrong value: {found}',
    "这里应写{expected_zh}",
    "it takes {expected_en}",
)
REMOTE_REF = _code(
    "schema.remote_ref",
    "引用了外部地址：{found}",
    "refers to an outside address: {found}",
    "只能引用本地定义，如 orderctl:types#/$defs/date",
    "only local definitions may be used, such as orderctl:types#/$defs/date",
)
UNKNOWN_REF = _code(
    "schema.unknown_ref",
    "引用的定义不存在：{found}",
    "refers to a definition that does not exist: {found}",
    "检查拼写；公用定义见 schemas/_types.schema.json",
    "check the spelling; shared definitions are in schemas/_types.schema.json",
)
REF_BESIDE = _code(
    "schema.ref_beside",
    "$ref 旁边不能再写“{keyword}”",
    '"{keyword}" may not stand beside $ref',
    "$ref 旁只写标题、说明、示例与 x- 开头的关键字；不同的结构请另写一个定义",
    "beside $ref only titles, descriptions, examples and x- keywords; write another definition for another shape",
)
CYCLE = _code(
    "schema.cycle",
    "引用绕回了自己：{found}",
    "the reference leads back to itself: {found}",
    "把循环的一层写开",
    "write one level of the circle out",
)
EXPANDS = _code(
    "schema.expands",
    "引用层层展开后太大：{found}",
    "the references expand to too much: {found}",
    "减少定义之间的相互引用",
    "let fewer definitions refer to one another",
)
OPEN_OBJECT = _code(
    "schema.open_object",
    "没有禁止未知字段",
    "does not forbid unknown fields",
    '加上 "additionalProperties": false',
    'add "additionalProperties": false',
)
UNBOUNDED = _code(
    "schema.unbounded",
    "没有上限：缺少 {keyword}",
    "has no upper bound: {keyword} is missing",
    '加上 "{keyword}": {expected}',
    'add "{keyword}": {expected}',
)
PATTERN = _code(
    "schema.unsafe_pattern",
    "正则表达式不可用：{reason_zh}",
    "the pattern can't be used: {reason_en}",
    "以 ^ 开头、$ 结尾，字符类写成 [0-9] 或 [A-Za-z]，重复之内不再重复",
    "start with ^, end with $, write classes as [0-9] or [A-Za-z], no repetition inside a repetition",
)
MULTIPLE_OF = _code(
    "schema.multiple_of",
    "不能用 multipleOf（它会拒绝 19.99 这样的金额）",
    "multipleOf can't be used (it refuses amounts such as 19.99)",
    '小数位数写成 "x-decimals": 2',
    'say the number of decimals: "x-decimals": 2',
)
UNKNOWN_FORMAT = _code(
    "schema.unknown_format",
    "没有“{found}”这种格式",
    'there is no format "{found}"',
    "只能用 date（日期）或 date-time（日期时间）；其他写法用 pattern",
    "use date or date-time; use pattern for anything else",
)
UNDECIDED = _code(
    "schema.undecided",
    "字段没有说明 {keyword}",
    "the field does not decide {keyword}",
    "加上 {expected}",
    "add {expected}",
)
UNTITLED = _code(
    "schema.untitled",
    "缺少 {keyword}",
    "{keyword} is missing",
    "每个字段都要有中英文标题和简短说明",
    "every field has a title and a short description in Chinese and English",
)
PERSONAL_MATERIAL = _code(
    "schema.personal_material",
    "个人信息不能是审批关键字段",
    "personal data can't be material to an approval",
    '写成 "x-material": false（删除个人信息不应使审批失效）',
    'write "x-material": false (erasing personal data must not void an approval)',
)
BAD_META = _code(
    "schema.bad_meta",
    "“{keyword}”写错了：{found}",
    '"{keyword}" is wrong: {found}',
    "{expected_zh}",
    "{expected_en}",
)
PATH_OVERLAP = _code(
    "schema.path_overlap",
    "文件位置与文档类型“{kind}”重叠：{found}",
    'the files\' place overlaps with the kind "{kind}": {found}',
    "换一个文件夹或文件名开头，使每个文件只属于一种文档",
    "take another folder or file name, so that each file belongs to one kind",
)
KIND_TAKEN = _code(
    "schema.kind_taken",
    "文档类型“{kind}”已经有了",
    'the kind "{kind}" exists already',
    '要增加字段，写 "x-extends": "{kind}"',
    'to add fields, write "x-extends": "{kind}"',
)
EXTENDS_UNKNOWN = _code(
    "schema.extends_unknown",
    "要扩展的文档类型“{kind}”不存在",
    'the kind "{kind}" to extend does not exist',
    "改为 {expected}",
    "write {expected}",
    _EXTEND_ZH,
    _EXTEND_EN,
)
EXTENDED_TWICE = _code(
    "schema.extended_twice",
    "文档类型“{kind}”已由 {other} 扩展",
    'the kind "{kind}" is extended by {other} already',
    "把两处扩展写在一个文件里",
    "put both extensions into one file",
    _EXTEND_ZH,
    _EXTEND_EN,
)
RELAXES = _code(
    "schema.relaxes",
    "扩展放宽了“{keyword}”：内置为 {base}，这里写了 {found}",
    'the extension relaxes "{keyword}": built in {base}, here {found}',
    "只能写得更严，或删去这一行",
    "make it stricter, or delete it",
    _EXTEND_ZH,
    _EXTEND_EN,
)
CHANGES = _code(
    "schema.changes",
    "扩展不能改变“{keyword}”",
    'an extension can\'t change "{keyword}"',
    "删去这一行；要不同的结构，请定义新的文档类型",
    "delete it; define a kind of your own for another structure",
    _EXTEND_ZH,
    _EXTEND_EN,
)
REMOVES = _code(
    "schema.removes",
    "字段“{name}”不能删除",
    'the field "{name}" can\'t be removed',
    '要隐藏它，写 {{"x-hidden": true}}',
    'to hide it, write {{"x-hidden": true}}',
    _EXTEND_ZH,
    _EXTEND_EN,
)
HIDES_REQUIRED = _code(
    "schema.hides_required",
    "必填字段“{name}”不能隐藏",
    'the required field "{name}" can\'t be hidden',
    '删去 "x-hidden"',
    'delete "x-hidden"',
    _EXTEND_ZH,
    _EXTEND_EN,
)

CODES: tuple[Code, ...] = (
    JSON,
    UNKNOWN_KEYWORD,
    BAD_VALUE,
    REMOTE_REF,
    UNKNOWN_REF,
    REF_BESIDE,
    CYCLE,
    EXPANDS,
    OPEN_OBJECT,
    UNBOUNDED,
    PATTERN,
    MULTIPLE_OF,
    UNKNOWN_FORMAT,
    UNDECIDED,
    UNTITLED,
    PERSONAL_MATERIAL,
    BAD_META,
    PATH_OVERLAP,
    KIND_TAKEN,
    EXTENDS_UNKNOWN,
    EXTENDED_TWICE,
    RELAXES,
    CHANGES,
    REMOVES,
    HIDES_REQUIRED,
)
