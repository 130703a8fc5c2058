"""Findings of the validate stage: a document does not say what its schema asks for."""

from __future__ import annotations

from orderctl.codes import writer
from orderctl.rule import Code

_WHY_ZH = "每种文档的字段由 schemas/ 中的模式规定；写错的字段没有人会读到，写错的值会让后面的每一步出错。"
_WHY_EN = (
    "A kind's fields are set by its schema: nobody reads a misspelt field, a wrong value misleads all that follows."
)


_code = writer(_WHY_ZH, _WHY_EN)


REQUIRED = _code(
    "schema.required",
    "缺少“{title_zh}”（{name}）",
    "{title_en} ({name}) is missing",
    "补上这个字段，例如 {example}{about_zh}",
    "add it, for example {example}{about_en}",
)
UNKNOWN_FIELD = _code(
    "schema.unknown_field",
    "“{title_zh}”没有“{name}”这个字段",
    '{title_en} has no field "{name}"',
    "{advice_zh}",
    "{advice_en}",
)
TYPE = _code(
    "schema.type",
    "“{title_zh}”应为{expected_zh}，现为{found_zh}",
    "{title_en} should be {expected_en}, not {found_en}",
    "写成 {example} 这样",
    "write it like {example}",
)
EMPTY = _code(
    "schema.empty",
    "“{title_zh}”是空的",
    "{title_en} is empty",
    "{advice_zh}",
    "{advice_en}",
)
ENUM = _code(
    "schema.enum",
    "“{title_zh}”不能是{found_zh}",
    "{title_en} can't be {found_en}",
    "{advice_zh}",
    "{advice_en}",
)
CONST = _code(
    "schema.const",
    "“{title_zh}”应为 {expected}，现为{found_zh}",
    "{title_en} should read {expected}, not {found_en}",
    "改为 {expected}；若这是另一种文档，请移到它的位置",
    "write {expected}; if this is another kind of document, move it to its own place",
)
PATTERN = _code(
    "schema.pattern",
    "“{title_zh}”的写法不对：{found_zh}",
    "{title_en} is not written as it should be: {found_en}",
    "{about_zh}例如 {example}",
    "{about_en} For example {example}",
)
FORMAT = _code(
    "schema.format",
    "“{title_zh}”不是有效的{expected_zh}：{found_zh}",
    "{title_en} is not a valid {expected_en}: {found_en}",
    "写成 {example} 这样",
    "write it like {example}",
)
TOO_SHORT = _code(
    "schema.too_short",
    "“{title_zh}”太短：{count} 个字符，至少 {limit} 个",
    "{title_en} is too short: {count} characters, {limit} or more are needed",
    "写完整，例如 {example}",
    "write it in full, for example {example}",
)
TOO_LONG = _code(
    "schema.too_long",
    "“{title_zh}”太长：{count} 个字符，至多 {limit} 个",
    "{title_en} is too long: {count} characters, at most {limit} are allowed",
    "缩短，或把细节放进附件",
    "shorten it, or put the details into an attachment",
)
TOO_SMALL = _code(
    "schema.too_small",
    "“{title_zh}”是 {found}，应{bound_zh} {limit}",
    "{title_en} is {found}, it should be {bound_en} {limit}",
    "检查数字，例如 {example}",
    "check the number, for example {example}",
)
TOO_LARGE = _code(
    "schema.too_large",
    "“{title_zh}”是 {found}，应{bound_zh} {limit}",
    "{title_en} is {found}, it should be {bound_en} {limit}",
    "检查数字和单位，例如 {example}",
    "check the number and its unit, for example {example}",
)
TOO_FEW = _code(
    "schema.too_few",
    "“{title_zh}”有 {count} 项，至少要有 {limit} 项",
    "{title_en} has {count} entries, {limit} or more are needed",
    "补上，例如 {example}",
    "add one, for example {example}",
)
TOO_MANY = _code(
    "schema.too_many",
    "“{title_zh}”有 {count} 项，至多 {limit} 项",
    "{title_en} has {count} entries, at most {limit} are allowed",
    "删去多余的，或分成几份文档",
    "delete what is too much, or use several documents",
)
DUPLICATE_ITEMS = _code(
    "schema.duplicate_items",
    "“{title_zh}”中{found_zh}写了两次",
    "{title_en} lists {found_en} twice",
    "删去重复的一项",
    "delete one of them",
)
DECIMALS = _code(
    "schema.decimals",
    "“{title_zh}”的小数太多：{found}，至多 {limit} 位",
    "{title_en} has too many decimals: {found}, at most {limit} are allowed",
    "核对后写成 {expected}",
    "check it and write {expected}",
)
ONE_OF = _code(
    "schema.one_of",
    "“{title_zh}”应写且只写以下之一：{names_zh}",
    "{title_en} takes exactly one of: {names_en}",
    "写符合实际的那一个，不写其余的",
    "write the one that is meant and none of the others",
)
ANY_OF = _code(
    "schema.any_of",
    "“{title_zh}”至少要写以下之一：{names_zh}",
    "{title_en} needs at least one of: {names_en}",
    "补上其中一个",
    "add one of them",
)
NOT_ALLOWED = _code(
    "schema.not_allowed",
    "“{title_zh}”不能这样写：{found_zh}",
    "{title_en} can't be written like this: {found_en}",
    "{about_zh}例如 {example}",
    "{about_en} For example {example}",
)

CODES: tuple[Code, ...] = (
    REQUIRED,
    UNKNOWN_FIELD,
    TYPE,
    EMPTY,
    ENUM,
    CONST,
    PATTERN,
    FORMAT,
    TOO_SHORT,
    TOO_LONG,
    TOO_SMALL,
    TOO_LARGE,
    TOO_FEW,
    TOO_MANY,
    DUPLICATE_ITEMS,
    DECIMALS,
    ONE_OF,
    ANY_OF,
    NOT_ALLOWED,
)
