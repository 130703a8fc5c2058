"""What a build adds: compiled message catalogues (orderctl/locale/*.po in, *.mo beside it out) and a wheel's data."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

DATA = ("schemas", "plugins", "templates")
SAMPLE = ("orderctl.yaml", "calendar", "catalog", "customers", "orders", "policy", "stock")


def compile_catalogues(root: Path) -> list[Path]:
    """Write the .mo file of every .po below ``root``/orderctl/locale; return the files written."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    written = []
    for source in sorted((root / "orderctl" / "locale").glob("*/LC_MESSAGES/*.po")):
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parts[-3])
        catalogue.creation_date = datetime(1980, 1, 1, tzinfo=UTC)  # else today's: the same source, other bytes
        target = source.with_suffix(".mo")
        with target.open("wb") as file:
            write_mo(file, catalogue)
        written.append(target)
    return written


class CustomBuildHook(BuildHookInterface[Any]):
    """Runs before hatchling gathers the files; the compiled catalogues are in .gitignore, so they are named here."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and add the results to the build; an editable installation reads the data from the checkout."""
        found = compile_catalogues(Path(self.root))
        build_data["artifacts"].extend(f"/{path.relative_to(self.root).as_posix()}" for path in found)
        if self.target_name == "wheel" and version != "editable":
            root = Path(self.root)
            data = {str(root / name): f"orderctl/_data/{name}" for name in DATA}
            sample = {str(root / name): f"orderctl/_data/sample/{name}" for name in SAMPLE}
            build_data["force_include"].update(data | sample)


if __name__ == "__main__":
    for path in compile_catalogues(Path(__file__).resolve().parent):
        print(path)  # noqa: T201
