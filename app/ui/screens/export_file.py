"""Where an export is written to: a neutral name, and a file for its owner only."""

from __future__ import annotations

import os
from pathlib import Path

from app.errors import ReadOnly
from app.i18n import _
from app.reports.api import ENCLOSED, Format, Rendered
from app.services.desk import Desk


def neutral_name(desk: Desk, form: Format, *, protected: bool) -> str:
    """A name that says nothing about anybody."""
    tail = ENCLOSED if protected and form is not Format.PDF else ""
    return f"naungan-{desk.today():%Y%m%d}.{form}{tail}"


def kind_of(name: str) -> str:
    """The filter of a dialog that asks where to: 'PDF (*.pdf)'."""
    suffix = name.rpartition(".")[2]
    return f"{suffix.upper()} (*.{suffix})"


def write(rendered: Rendered, path: Path) -> None:
    """Write it for its owner only; it is in the register already: what is not there must not exist."""
    try:
        target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(target, "wb") as file:
            file.write(rendered.data)
    except OSError:
        raise ReadOnly(_("The file could not be written there. Choose another folder.")) from None
