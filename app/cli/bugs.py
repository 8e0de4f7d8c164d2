"""What is told about a fault of the program: where it happened, and never what any record holds."""

from __future__ import annotations

import platform
import traceback
from pathlib import Path

from app import __version__
from app.i18n import _


def bug_report(error: BaseException) -> str:
    """Kinds of error and places in the code, causes included; no message, for messages may quote a record."""
    head = f"Naungan {__version__}, Python {platform.python_version()}, {platform.system()}"
    words = _("Naungan has a fault. Nothing that was saved is lost. Please pass this report on; it names no one:")
    lines = [words, head]
    cause: BaseException | None = error
    while cause is not None:
        lines.append(type(cause).__name__)
        lines += [
            f"  {_place(frame.filename)}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(cause.__traceback__)
        ]
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "\n".join(lines)


def _place(filename: str) -> str:
    """The part of a path that is the program's: folders of a person's home may carry a name."""
    parts = Path(filename).parts
    return "/".join(parts[parts.index("app") :]) if "app" in parts else parts[-1]
