"""Fonts: cut once, checked when read, safe in parallel, and a clear word where the machine lacks something."""

from __future__ import annotations

import ctypes
import multiprocessing
import shutil
import sys
from pathlib import Path

import pytest

from orderctl.render import fonts
from orderctl.render.cut import SPACES
from orderctl.render.fonts import FAMILIES, FOLDERS, SUMS, common_characters, find_fonts
from orderctl.render.pdf import write_pdf


@pytest.fixture(autouse=True)
def _fresh() -> None:
    find_fonts.cache_clear()


@pytest.fixture(scope="session")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that holds the cut fonts. Tests that harm it work on a copy."""
    cache = tmp_path_factory.mktemp("fonts")
    assert find_fonts(cache).config
    return cache


def _files(cache: Path) -> dict[str, tuple[int, bytes]]:
    return {f.name: (f.stat().st_mtime_ns, f.read_bytes()) for f in cache.rglob("*.otf")}


def test_cut_once_and_kept(tmp_path: Path) -> None:
    found = find_fonts(tmp_path)
    assert (found.families, found.problem_zh, found.problem_en) == (FAMILIES, "", "")
    first = _files(tmp_path)
    assert sorted(first) == ["Common-Bold.otf", "Common-Regular.otf", "Rare-Bold.otf", "Rare-Regular.otf"]
    assert all(len(data) < 4_000_000 for name, (_, data) in first.items() if name.startswith("Common"))
    find_fonts.cache_clear()
    assert find_fonts(tmp_path) == found
    assert _files(tmp_path) == first
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([Path(found.config).parent.name, "lock"])


def test_common_and_rare_together_are_the_whole_typeface(cut: Path) -> None:
    from fontTools.ttLib import TTCollection, TTFont  # type: ignore[import-untyped]

    cuts = []
    for name in fonts.CUTS:
        with TTFont(next(cut.rglob(f"{name}-Regular.otf"))) as font:
            cuts.append(set(font.getBestCmap()))
    with TTCollection(FOLDERS[0] / "NotoSansCJK-Regular.ttc", lazy=True) as collection:
        whole = next(set(f.getBestCmap()) for f in collection if f["name"].getBestFamilyName() == fonts.TYPEFACE)
    assert cuts[0] | cuts[1] == whole
    assert cuts[0] & cuts[1] == SPACES & whole
    assert {
        ord(c) for c in "订单壹贰叁肆伍陆柒捌玖拾佰仟万亿元角分整¥€×–—…·「」《》（），。；：？！√±≤≥℃㎡①ABCxyz09é"
    } <= cuts[0]
    assert {ord(c) for c in "喆堃旻赟犇祎𠮷"} <= cuts[1]
    assert len(common_characters()) > 6763


@pytest.mark.parametrize("harm", ["truncate", "flip", "delete", "sums", "symlink"])
def test_a_damaged_entry_is_made_anew(cut: Path, tmp_path: Path, harm: str) -> None:
    shutil.copytree(cut, tmp_path, dirs_exist_ok=True)
    found = find_fonts(tmp_path)
    good = {name: data for name, (_, data) in _files(tmp_path).items()}
    entry = Path(found.config).parent
    victim = entry / "fonts" / "Common-Bold.otf"
    if harm == "truncate":
        victim.write_bytes(victim.read_bytes()[:1000])
    elif harm == "flip":
        data = bytearray(victim.read_bytes())
        data[500_000] ^= 1
        victim.write_bytes(data)
    elif harm == "delete":
        victim.unlink()
    elif harm == "sums":
        (entry / SUMS).write_text("nonsense", "ascii")
    else:
        shutil.rmtree(entry)
        (tmp_path / "elsewhere").mkdir()
        entry.symlink_to(tmp_path / "elsewhere")
    find_fonts.cache_clear()
    assert find_fonts(tmp_path) == found
    assert {name: data for name, (_, data) in _files(tmp_path).items()} == good
    assert not (tmp_path / "elsewhere" / "fonts").exists()


def _find(cache: str) -> tuple[str, str]:
    return find_fonts(Path(cache)).config, find_fonts(Path(cache)).problem_en


def test_processes_that_start_together_get_one_entry(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        found = pool.map(_find, [str(tmp_path)] * 4, chunksize=1)
    assert len(set(found)) == 1
    assert found[0][1] == ""
    assert len(_files(tmp_path)) == 4
    assert not list(tmp_path.glob(".making-*"))


def test_without_the_font_the_system_is_asked_by_name(tmp_path: Path) -> None:
    found = find_fonts(tmp_path, (tmp_path / "none",))
    assert found.config == ""
    assert found.problem_zh == "没有找到字体 Noto Sans CJK SC，改用系统字体；安装 fonts-noto-cjk"
    assert (
        found.problem_en == "the font Noto Sans CJK SC was not found: using the system's fonts; install fonts-noto-cjk"
    )
    data = write_pdf(
        '<html lang="zh-CN"><title>x</title><p>订单 Order</p>', (f"html {{ font-family: {found.css} }}",), found
    )
    assert data.startswith(b"%PDF-")


def test_without_the_library_the_system_is_asked_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", missing)
    found = find_fonts(tmp_path)
    assert found.problem_en == "libharfbuzz is missing: using the system's fonts; install libharfbuzz-subset0"
    assert not list(tmp_path.glob(".making-*"))


def test_without_fonttools_the_system_is_asked_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fontTools", None)
    monkeypatch.setitem(sys.modules, "fontTools.ttLib", None)
    found = find_fonts(tmp_path)
    assert found.config == ""
    assert found.problem_en == "fontTools.ttLib is missing: using the system's fonts; install orderctl[pdf]"


@pytest.mark.parametrize("content", [b"", b"not a font", b"ttcf\0\1\0\0\0\0\0\0"])
def test_a_broken_font_is_no_traceback(tmp_path: Path, content: bytes) -> None:
    for weight in fonts.WEIGHTS:
        (tmp_path / f"NotoSansCJK-{weight}.ttc").write_bytes(content)
    found = find_fonts(tmp_path / "cache", (tmp_path,))
    assert found.config == ""
    assert found.problem_en.endswith(("using the system's fonts", "install fonts-noto-cjk"))


def test_an_unusable_cache_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "ascii")
    found = find_fonts(tmp_path / "file" / "cache")
    assert found.config == ""
    assert "can't be cut or cached" in found.problem_en
