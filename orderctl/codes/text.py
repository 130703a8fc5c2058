"""Findings of the load stage: text, YAML and size."""

from __future__ import annotations

from orderctl.codes import writer
from orderctl.rule import Code

_WHY_ZH = "文件必须只有一种读法：人、编辑器和每个工具看到的都一样。"
_WHY_EN = "A file must have one reading only: the same for people, editors and every tool."


_code = writer(_WHY_ZH, _WHY_EN)


TEXT_INVALID = _code(
    "text.invalid",
    "含有不允许的字符 {char}",
    "contains the character {char}, which is not allowed",
    "删除该字符（它看不见，或会让文字显示得与内容不同）",
    "delete it (it is invisible, or makes text look different from what it is)",
)
TEXT_ENCODING = _code(
    "text.encoding",
    "不是 UTF-8 文本（第 {offset} 字节处）",
    "is not UTF-8 text (at byte {offset})",
    "多半是 GBK（ANSI）编码：在编辑器中选“另存为”，编码选 UTF-8",
    "save it in the editor with the encoding UTF-8",
)
TEXT_BOM = _code(
    "text.bom",
    "文件开头有 BOM 标记",
    "starts with a byte order mark",
    "以“UTF-8（无 BOM）”保存；或运行 orderctl check --fix",
    "save as UTF-8 without BOM, or run orderctl check --fix",
)
TEXT_NEWLINE = _code(
    "text.newline",
    "行尾是 Windows 换行（CRLF 或 CR）",
    "has Windows line ends (CRLF or CR)",
    "行尾用 LF 保存；或运行 orderctl check --fix",
    "save with LF line ends, or run orderctl check --fix",
)
TEXT_NFC = _code(
    "text.not_nfc",
    "含有拆开的字符（如字母与音调分开），看似相同却不相等",
    "has decomposed characters, which look equal to composed ones but are not",
    "运行 orderctl check --fix 改为 NFC 形式",
    "run orderctl check --fix to write it in NFC",
)
YAML_SYNTAX = _code(
    "yaml.syntax",
    "不是正确的 YAML，从这里起读不懂",
    "is not correct YAML from here on",
    "检查本行和上一行的缩进、冒号与引号",
    "check indentation, colons and quotes of this line and the one above",
)
YAML_COLON = _code(
    "yaml.colon",
    "这一行少了或多了冒号",
    "has a colon too few or too many on this line",
    "字段写成“名称: 值”（英文冒号加空格）；值里有冒号时用引号括起来",
    'write a field as "name: value" (colon and a space); put a value that has a colon in quotes',
)
YAML_INDENT = _code(
    "yaml.indent",
    "缩进与上下行不一致",
    "is indented differently from the lines around it",
    "同级的字段左边对齐，下一级多两个空格",
    "align fields of one level, indent the next level by two spaces",
)
YAML_TAB = _code(
    "yaml.tab",
    "用了制表符（Tab）缩进",
    "uses a tab for indentation",
    "把 Tab 换成两个空格；或运行 orderctl check --fix",
    "use two spaces instead of the tab, or run orderctl check --fix",
)
YAML_UNCLOSED = _code(
    "yaml.unclosed",
    "引号或括号没有关上",
    "has a quote or bracket that is never closed",
    "在文字末尾补上引号、] 或 }}",
    "add the closing quote, ] or }}",
)
YAML_FULL_WIDTH = _code(
    "yaml.full_width",
    "用了全角字符“{found}”",
    'has the full-width character "{found}"',
    "改用半角“{expected}”；或运行 orderctl check --fix",
    'type it half-width: "{expected}", or run orderctl check --fix',
)
YAML_DUPLICATE_KEY = _code(
    "yaml.duplicate_key",
    "字段“{key}”写了两次（第一次在第 {first} 行）",
    'has the field "{key}" twice (first on line {first})',
    "只保留一个",
    "keep one of them",
)
YAML_KEY = _code(
    "yaml.key",
    "字段名“{key}”不是文字",
    'has a field name that is not text: "{key}"',
    "金额里不写逗号（1,000.00 写成 1000.00）；字段名若真是数字，请加引号",
    "write amounts without commas (1000.00, not 1,000.00); put a field name that is a number in quotes",
)
YAML_ALIAS = _code(
    "yaml.alias",
    "用了 YAML 引用（& 或 *）：{name}",
    "uses a YAML anchor or alias (& or *): {name}",
    "把内容直接写出来；若是文字，请加引号",
    "write the content out; if it is text, put it in quotes",
)
YAML_MERGE = _code(
    "yaml.merge",
    "用了 YAML 合并键 <<",
    "uses the YAML merge key <<",
    "把内容直接写出来",
    "write the content out",
)
YAML_TAG = _code(
    "yaml.tag",
    "用了 YAML 标签 {tag}",
    "uses the YAML tag {tag}",
    "删除标签；若感叹号是文字的一部分，请加引号",
    "delete the tag; if the exclamation mark is text, put it in quotes",
)
YAML_DOCUMENTS = _code(
    "yaml.documents",
    "一个文件只能有一份文档，且须由字段组成",
    "must hold exactly one document made of fields",
    "空文件请删除或填写；用 --- 分开的内容请分成多个文件",
    "fill in or delete an empty file; split what --- separates into files of their own",
)
YAML_TYPE = _code(
    "yaml.type",
    "“{text}”会被不同的工具读成不同的值",
    '"{text}" is read as different values by different tools',
    "写成 {expected}；或运行 orderctl check --fix",
    "write {expected}, or run orderctl check --fix",
)
LIMIT_SIZE = _code(
    "limit.size",
    "文件有 {size} 字节，上限 {limit} 字节",
    "has {size} bytes, the limit is {limit}",
    "把附件放进 evidence/，把数据分成多份文档",
    "put attachments into evidence/, split data into several documents",
    "大小有限，恶意或出错的文件就不能拖垮检查。",
    "Sizes are limited so that a hostile or broken file can't stop the checks.",
)
LIMIT_DEPTH = _code(
    "limit.depth",
    "嵌套超过 {limit} 层",
    "is nested deeper than {limit} levels",
    "减少括号或缩进的层数",
    "use fewer levels of brackets or indentation",
    LIMIT_SIZE.why_zh,
    LIMIT_SIZE.why_en,
)
LIMIT_NODES = _code(
    "limit.nodes",
    "内容超过 {limit} 项",
    "has more than {limit} values",
    "分成多份文档",
    "split it into several documents",
    LIMIT_SIZE.why_zh,
    LIMIT_SIZE.why_en,
)
LIMIT_SCALAR = _code(
    "limit.scalar",
    "一段文字有 {size} 字节，上限 {limit} 字节",
    "has a text of {size} bytes, the limit is {limit}",
    "把长文放进 evidence/ 里的文件",
    "put long text into a file in evidence/",
    LIMIT_SIZE.why_zh,
    LIMIT_SIZE.why_en,
)
LIMIT_NUMBER = _code(
    "limit.number",
    "数字有 {digits} 位，上限 {limit} 位",
    "has a number of {digits} digits, the limit is {limit}",
    "账号、电话等编号请加引号",
    "put account numbers, phones and other identifiers in quotes",
)
LIMIT_FINDINGS = _code(
    "limit.findings",
    "问题超过 {limit} 个，其余不再列出",
    "has more than {limit} findings, the rest is not listed",
    "先改正前面的问题",
    "mend the first ones",
)

CODES = tuple(v for v in list(globals().values()) if isinstance(v, Code))
