"""Where the program finds what ships with it: in a checkout, an installation or a one-folder build."""

from __future__ import annotations

import csv
import sys
from importlib.util import find_spec
from pathlib import Path

import platformdirs


def resource(*parts: str) -> Path:
    """Path of a shipped file, e.g. resource("codelists", "sex.csv")."""
    frozen = getattr(sys, "_MEIPASS", None)
    root = Path(frozen) if frozen else Path(__file__).resolve().parent.parent
    return root.joinpath("resources", *parts)


def table(*parts: str) -> list[dict[str, str]]:
    """The rows of a shipped CSV file, by the names of its columns."""
    with resource(*parts).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def shipped_by(package: str, *parts: str) -> Path:
    """Path of a file that came with another Python package, which is not imported for that. FileNotFoundError."""
    frozen = getattr(sys, "_MEIPASS", None)
    spec = None if frozen else find_spec(package)
    places = [frozen + "/" + package] if frozen else list((spec and spec.submodule_search_locations) or ())
    found = [path for place in places if (path := Path(place).joinpath(*parts)).exists()]
    if not found:
        raise FileNotFoundError(f"{package} did not come with the program, or without {'/'.join(parts)}")
    return found[0]


def default_workspace() -> Path:
    """Where the workspace of this person lies unless another folder is named."""
    return platformdirs.user_data_path("Naungan", appauthor=False) / "workspace"
