"""The option by which gate and audit are asked for their verdict in other formats."""

from __future__ import annotations

from collections.abc import Callable

import click


def output_option(function: Callable[..., int]) -> Callable[..., int]:
    """Give a command the option ``--output``, repeatable, as its parameter ``outputs``."""
    return click.option(
        "--output",
        "outputs",
        multiple=True,
        metavar="FORMAT[:FILE]",
        help="text, json, or a format of check; and the file to write; repeatable.",
    )(function)
