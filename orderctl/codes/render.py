"""Findings of the render stage: papers and pages that would have come out wrong, and so did not come out."""

from __future__ import annotations

from orderctl.codes import writer

_code = writer()


RENDER_TEMPLATE = _code(
    "render.template",
    "模板 {template} 无法填写：{problem}",
    "template {template} can't be filled: {problem}",
    "改正模板，或让视图给出它要的值",
    "mend the template, or let the view return what it asks for",
    "单据缺了一项却照样打印，比没有单据更糟。",
    "A paper that prints although something is missing is worse than none.",
)
RENDER_FETCH = _code(
    "render.fetch",
    "生成单据时有内容想读取 {url}",
    "something in the paper asks for {url}",
    "单据只能使用随模板提供的图片（orderctl-asset: 名称）；删除该链接",
    "papers show only pictures that come with the templates (orderctl-asset: names); take the link out",
    "生成单据不得访问网络或磁盘文件：否则会泄露数据，同一份订单也会得到不同的单据。",
    "Making a paper reads neither network nor disk: that would leak data, and give one order different papers.",
)
RENDER_GLYPH = _code(
    "render.glyph",
    "字体中没有这些字符：{characters}",
    "no font has these characters: {characters}",
    "改用其他写法（如去掉表情符号）",
    "write it without them (emoji, for example)",
    "缺字会印成空框，客户的姓名或地址就不对了。",
    "A missing character prints as an empty box, and a customer's name or address is wrong.",
)
RENDER_LAYOUT = _code(
    "render.layout",
    "无法排版：{problem}",
    "can't be laid out: {problem}",
    "改正模板或样式",
    "mend the template or its style",
    "排版工具报错的单据可能缺图或缺字。",
    "A paper that the layout engine complains about may lack a picture or a text.",
)
RENDER_ENGINE = _code(
    "render.engine",
    "无法生成 PDF：{problem}",
    "PDFs can't be made: {problem}",
    "安装 orderctl[pdf] 以及 Pango、libharfbuzz-subset0 和 fonts-noto-cjk",
    "install orderctl[pdf], and Pango, libharfbuzz-subset0 and fonts-noto-cjk",
    "PDF 由 WeasyPrint 排版，它不属于 orderctl 的核心。",
    "PDFs are laid out by WeasyPrint, which isn't part of orderctl's core.",
)
RENDER_VIEW = _code(
    "render.view",
    "{plugin} 无法读取 {id}：{problem}",
    "{plugin} can't show {id}: {problem}",
    "改正该插件的 view 函数",
    "mend the plugin's view function",
    "视图出错时不出单据，也不出页面，以免缺少内容而无人察觉。",
    "When a view fails there is no paper or page, so that nothing goes missing unnoticed.",
)

CODES = (RENDER_TEMPLATE, RENDER_FETCH, RENDER_GLYPH, RENDER_LAYOUT, RENDER_ENGINE, RENDER_VIEW)
