"""Why a paper or page could not be made: one exception with a code of ``codes/render.py`` and its parameters."""

from __future__ import annotations

from orderctl.model import Scalar


class RenderError(Exception):
    """The output would be wrong, so there is none. ``code`` is a finding's code, ``params`` fill its sentence."""

    def __init__(self, code: str, **params: Scalar) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    def __reduce__(self) -> tuple[object, ...]:
        """Cross a process boundary whole: workers raise this one to the parent."""
        return _rebuild, (self.code, self.params)

    def __str__(self) -> str:
        said = ", ".join(f"{k}={v}" for k, v in self.params.items())
        return f"{self.code}: {said}"


def _rebuild(code: str, params: dict[str, Scalar]) -> RenderError:
    return RenderError(code, **params)
