"""Where the program finds what ships with it: in a checkout, an installation or a one-folder build."""

from __future__ import annotations

import sys
from pathlib import Path

import platformdirs


def resource(*parts: str) -> Path:
    """Path of a shipped file, e.g. resource("codelists", "sex.csv")."""
    frozen = getattr(sys, "_MEIPASS", None)
    root = Path(frozen) if frozen else Path(__file__).resolve().parent.parent
    return root.joinpath("resources", *parts)


def default_workspace() -> Path:
    """Where the workspace of this person lies unless another folder is named."""
    return platformdirs.user_data_path("Naungan", appauthor=False) / "workspace"
