"""The installed Noto Sans CJK in, four small fonts and a private font configuration in the user's cache out.

Output then depends on no other font or setting of the machine. *Common* holds GB2312, Latin, Greek, Cyrillic and the
symbols of business papers (3 MB a weight; small and quick to embed), *Rare* every other character of the typeface,
so that names with 喆, 堃 or 𠮷 print, and the spaces: Pango sets a space in the font of the character before it.
Entries are named by the content they were cut from and checked when read.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from xml.sax.saxutils import escape

TYPEFACE = "Noto Sans CJK SC"
WEIGHTS = ("Regular", "Bold")
CUTS = ("Common", "Rare")
FAMILIES = tuple(f"Orderctl Sans {cut}" for cut in CUTS)
FOLDERS = tuple(
    Path("/usr/share/fonts") / name
    for name in ("opentype/noto", "noto-cjk", "google-noto-sans-cjk-fonts", "truetype/noto")
)
RECIPE = b"orderctl fonts 2"
"""Changes with the characters, features or tables that a cut keeps."""
SUMS = "SHA256SUMS"
SYMBOLS = (
    (0x20, 0x7E), (0xA0, 0x17F), (0x2B0, 0x2FF), (0x370, 0x45F), (0x2000, 0x206F), (0x20A0, 0x20BF), (0x2100, 0x22FF),
    (0x2460, 0x27BF), (0x3000, 0x303F), (0x3200, 0x33FF), (0xFF00, 0xFFEF),
)  # fmt: skip
CONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
<dir>{fonts}</dir>
<cachedir>{cache}</cachedir>
<match target="pattern"><edit name="hinting"><bool>false</bool></edit>
<edit name="hintstyle"><const>hintnone</const></edit><edit name="antialias"><bool>true</bool></edit></match>
</fontconfig>
"""


@dataclass(frozen=True, slots=True)
class FontSet:
    """Families in order of preference, and the font configuration file they are found with ("" = the system's).

    ``problem_zh``/``problem_en`` say why the system's fonts are used and what to install; "" when all is well.
    """

    families: tuple[str, ...]
    config: str = ""
    problem_zh: str = ""
    problem_en: str = ""

    @property
    def css(self) -> str:
        """Return the families as a value of font-family."""
        return ", ".join(f'"{family}"' for family in self.families) + ", sans-serif"


@lru_cache(maxsize=4)
def find_fonts(cache: Path | None = None, folders: tuple[Path, ...] = FOLDERS) -> FontSet:
    """Return the cut fonts, making them first (about a second, once a machine). Safe in parallel processes.

    ``cache`` is the folder for the cuts, by default ``orderctl/fonts`` in the user's cache. Never raises for a
    machine that lacks something: the system's fonts by name, with the reason, are the answer then.
    """
    try:
        sources = _sources(folders)
        root = cache or _cache_root()
        key = hashlib.sha256(RECIPE)
        for weight in WEIGHTS:
            key.update(hashlib.sha256(sources[weight].read_bytes()).digest())
        entry = root / key.hexdigest()[:24]
        if not _intact(entry):
            root.mkdir(parents=True, exist_ok=True, mode=0o700)
            with _lock(root / "lock"):
                if not _intact(entry):
                    _make(entry, sources)
        return FontSet(FAMILIES, str(_configure(entry)))
    except FileNotFoundError:
        return _system(f"没有找到字体 {TYPEFACE}", f"the font {TYPEFACE} was not found", "fonts-noto-cjk")
    except ImportError as error:
        package = "orderctl[pdf]" if str(error.name).startswith("fontTools") else "libharfbuzz-subset0"
        return _system(f"缺少 {error.name}", f"{error.name} is missing", package)
    except (OSError, RuntimeError) as error:
        return _system(f"无法裁剪或缓存字体（{error}）", f"the fonts can't be cut or cached ({error})", "")


def _system(zh: str, en: str, package: str) -> FontSet:
    """Fall back to what the machine has: papers look nearly the same, but are larger and not the same everywhere."""
    install = (f"；安装 {package}", f"; install {package}") if package else ("", "")
    return FontSet(
        (TYPEFACE, "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Micro Hei"),
        problem_zh=f"{zh}，改用系统字体{install[0]}",
        problem_en=f"{en}: using the system's fonts{install[1]}",
    )


def _sources(folders: tuple[Path, ...]) -> Mapping[str, Path]:
    """Return the font collection of each weight, from the first folder that has both."""
    for folder in folders:
        found = {weight: folder / f"NotoSansCJK-{weight}.ttc" for weight in WEIGHTS}
        if all(path.is_file() for path in found.values()):
            return found
    raise FileNotFoundError(TYPEFACE)


def _cache_root() -> Path:
    """Return the user's cache folder; without a home, a private folder of this user below the temporary one."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    if Path(base).is_absolute():
        return Path(base) / "orderctl" / "fonts"
    home = Path("~").expanduser()
    if home.is_absolute() and os.access(home, os.W_OK):
        return home / ".cache" / "orderctl" / "fonts"
    private = Path(tempfile.gettempdir()) / f"orderctl-fonts-{os.getuid()}"
    private.mkdir(mode=0o700, exist_ok=True)
    if private.is_symlink() or private.stat().st_uid != os.getuid():
        raise PermissionError(f"{private} belongs to another user")
    return private


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Hold an advisory lock; it ends with the process, so a crash leaves nothing behind."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _names() -> list[str]:
    return [f"{cut}-{weight}.otf" for cut in CUTS for weight in WEIGHTS]


def _intact(entry: Path) -> bool:
    """Tell whether every font of ``entry`` is the one that was written."""
    try:
        sums = dict(line.split("  ")[::-1] for line in (entry / SUMS).read_text("ascii").splitlines())
        return sorted(sums) == sorted(_names()) and all(
            hashlib.sha256((entry / "fonts" / name).read_bytes()).hexdigest() == digest for name, digest in sums.items()
        )
    except (OSError, ValueError):
        return False


def _make(entry: Path, sources: Mapping[str, Path]) -> None:
    """Cut the fonts and put them in place at once; a damaged entry is moved out of the way first."""
    from orderctl.render.cut import cut_font

    work = Path(tempfile.mkdtemp(prefix=".making-", dir=entry.parent))
    try:
        (work / "fonts").mkdir()
        sums = []
        for cut, family in zip(CUTS, FAMILIES, strict=True):
            for weight in WEIGHTS:
                data = cut_font(sources[weight], TYPEFACE, family, weight, common_characters(), keep=cut == "Common")
                (work / "fonts" / f"{cut}-{weight}.otf").write_bytes(data)
                sums.append(f"{hashlib.sha256(data).hexdigest()}  {cut}-{weight}.otf\n")
        (work / SUMS).write_text("".join(sums), "ascii")
        if entry.exists() or entry.is_symlink():
            entry.rename(work / "damaged")
        work_entry = work.with_name(entry.name + ".new")
        shutil.rmtree(work_entry, ignore_errors=True)
        work_entry.mkdir(mode=0o700)
        for name in ("fonts", SUMS):
            (work / name).rename(work_entry / name)
        work_entry.rename(entry)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _configure(entry: Path) -> Path:
    """Return the configuration that shows fontconfig these fonts and nothing else of the machine."""
    path = entry / "fonts.conf"
    wanted = CONFIG.format(fonts=escape(str(entry / "fonts")), cache=escape(str(entry / "cache")))
    if not path.is_file() or path.read_text("utf-8") != wanted:
        part = path.with_name(f"fonts.conf.{os.getpid()}")
        part.write_text(wanted, "utf-8")
        part.replace(path)
    return path


def common_characters() -> frozenset[int]:
    """Return the code points that nearly every paper needs: GB2312, ASCII and other alphabets, symbols."""
    han = set()
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            han |= {ord(c) for c in bytes((high, low)).decode("gb2312", errors="ignore")}
    return frozenset(han).union(*(range(first, last + 1) for first, last in SYMBOLS))
