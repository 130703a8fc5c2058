"""Template sources and plain values in, text out: the one Jinja2 environment of papers and pages.

Sandboxed, always escaping, strict about undefined names; templates come from a mapping, never from the file system.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from orderctl.render.errors import RenderError
from orderctl.words import date_en, date_zh, instant, money, number, percent

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment
    from markupsafe import Markup

_SAFE = re.compile(r"https://[^/]|mailto:|(?!//)[^:/?#]*(?:[/?#]|$)", re.IGNORECASE)
_TAGS = {"zh": "zh-CN", "en": "en"}


def environment(sources: Mapping[str, str | bytes]) -> ImmutableSandboxedEnvironment:
    """Return the environment over ``sources`` (template name → text or UTF-8 bytes).

    The same sources give the same environment inside a process, so that a template is compiled once.
    """
    return _environment(tuple(sorted((n, s if isinstance(s, str) else s.decode()) for n, s in sources.items())))


@lru_cache(maxsize=4)
def _environment(sources: tuple[tuple[str, str], ...]) -> ImmutableSandboxedEnvironment:
    from jinja2 import DictLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Environment(ImmutableSandboxedEnvironment):
        """A view's key comes before a dict's method: ``view.items`` are the items."""

        def getattr(self, obj: Any, attribute: str) -> Any:
            if isinstance(obj, Mapping) and attribute in obj:
                return obj[attribute]
            return super().getattr(obj, attribute)

    # autoescape=True, not select_autoescape: that one leaves x.html.j2 unescaped
    env = Environment(
        loader=DictLoader(dict(sources)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    env.filters |= {
        "money": money,
        "number": number,
        "percent": percent,
        "date_zh": date_zh,
        "date_en": date_en,
        "instant": instant,
        "safe_url": safe_url,
    }
    return env


def render(sources: Mapping[str, str | bytes], name: str, values: Mapping[str, Any]) -> str:
    """Return template ``name`` filled with ``values``, the same bytes for the same input.

    Raises RenderError ``render.template`` for an undefined name, a forbidden access or a broken template.
    """
    from jinja2 import TemplateError, TemplateSyntaxError

    try:
        return environment(sources).get_template(name).render(values)
    except TemplateError as error:
        at = (error.name or name, error.lineno) if isinstance(error, TemplateSyntaxError) else (name, _line(error))
        where = f"{at[0]}:{at[1]}"
        raise RenderError("render.template", template=where, problem=error.message or type(error).__name__) from error
    except Exception as error:  # a template is a program too: whatever it does wrong, it is named
        problem = str(error) or type(error).__name__
        raise RenderError("render.template", template=f"{name}:{_line(error)}", problem=problem) from error


def _line(error: BaseException) -> int:
    """Return the line of the innermost template that ``error`` came through, or 0."""
    line, trace = 0, error.__traceback__
    while trace:
        if "__jinja_template__" in trace.tb_frame.f_globals or trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def safe_url(url: str) -> str:
    """Return ``url`` if it is https, mailto or relative and has no space, control or backslash, else ``#``."""
    clean = url.isprintable() and not any(c.isspace() or c == "\\" for c in url)
    return url if clean and _SAFE.match(url) else "#"


def speaker(languages: tuple[str, ...] | list[str]) -> Callable[..., Markup]:
    """Return ``t(zh, en)``: both sentences marked with their language, the workspace's first language first.

    The second one is dropped where it is empty or the same; both are escaped. Two spans, classes ``main`` and ``sub``.
    """
    from markupsafe import Markup, escape

    wanted = tuple(language for language in languages if language in _TAGS) or ("zh", "en")

    def t(zh: object = "", en: object = "") -> Markup:
        said = {"zh": str(escape(zh)), "en": str(escape(en))}
        spoken = [language for language in wanted if said[language]] or [k for k in ("zh", "en") if said[k]]
        if len(spoken) > 1 and said[spoken[0]] == said[spoken[1]]:
            spoken = spoken[:1]
        spans = (
            f'<span class="{role}" lang="{_TAGS[language]}">{said[language]}</span>'
            for role, language in zip(("main", "sub"), spoken, strict=False)
        )
        return Markup(" ".join(spans))  # noqa: S704 - both parts were escaped above

    return t
