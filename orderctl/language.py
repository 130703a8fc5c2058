"""Which language a run speaks, and the machine's texts in it: English sentences in, zh or en out."""

from __future__ import annotations

import gettext
import os
import re
from collections.abc import Mapping
from pathlib import Path

LANGUAGES = ("zh", "en")
DOMAIN = "orderctl"
FOLDER = Path(__file__).resolve().parent / "locale"
_FIRST = re.compile(rb"^languages:[ \t]*(?:\r?\n[ \t]*-[ \t]*|\[[ \t]*)[\"']?(zh|en)\b", re.MULTILINE)


def choose(option: str | None, environ: Mapping[str, str], start: Path | None) -> str:
    """Return "zh" or "en": the option, ORDERCTL_LANG, the locale, the workspace's first language, or en.

    The locale is the first one set of LC_ALL, LC_MESSAGES and LANG (POSIX order); C and POSIX say nothing.
    """
    if option in LANGUAGES:
        return option
    if (wanted := environ.get("ORDERCTL_LANG", "").strip().lower()) in LANGUAGES:
        return wanted
    locale = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    if (spoken := re.split(r"[_.@-]", locale.lower(), maxsplit=1)[0]) in LANGUAGES:
        return spoken
    return (start and first_language(start)) or "en"


def first_language(start: Path) -> str:
    """Return the first of ``languages`` in the orderctl.yaml at or above ``start``, or "".

    Read as text: the file may be broken, and a run must speak before it can say so.
    """
    for folder in (start, *start.parents):
        try:
            descriptor = os.open(folder / "orderctl.yaml", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            continue
        with os.fdopen(descriptor, "rb") as file:
            found = _FIRST.search(file.read(1 << 20))
        return found.group(1).decode() if found else ""
    return ""


def texts(language: str) -> gettext.NullTranslations:
    """Return the catalogue of ``language``. English is what the code says; an unknown sentence comes back as it is."""
    if language == "en":
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, FOLDER, languages=[language], fallback=True)


def speak(language: str) -> None:
    """Let the whole process speak ``language``: the command-line library's own sentences come from our catalogue."""
    os.environ["LANGUAGE"] = language
    gettext.bindtextdomain(DOMAIN, str(FOLDER))
    gettext.textdomain(DOMAIN)
