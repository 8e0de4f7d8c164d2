"""Draw a widget without a screen and keep it as PNG files.

    python scripts/shoot.py app.ui.gallery:window shots/window.png --size 1366x768 --dark --scale 150 --language en

`module:function` names a function without arguments that returns a widget.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication, QWidget

from app import i18n
from app.ui import theme


def shoot(widget: QWidget, *, path: Path, size: tuple[int, int] | None = None) -> Path:
    """Draw a widget at a size into a PNG file; OSError if the file cannot be written."""
    if size is not None:
        widget.resize(*size)
    widget.show()
    QApplication.sendPostedEvents()
    picture = widget.grab()
    path.parent.mkdir(parents=True, exist_ok=True)
    if not picture.save(str(path)):
        raise OSError(f"cannot write {path}")
    return path


def main(arguments: list[str]) -> int:
    """Draw what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", help="module:function that returns a widget")
    parser.add_argument("path", type=Path)
    parser.add_argument("--size", default="1366x768")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--scale", type=int, default=100)
    parser.add_argument("--language", default="id", choices=sorted(i18n.LANGUAGES))
    chosen = parser.parse_args(arguments)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    i18n.use(chosen.language)
    theme.apply(app, dark=chosen.dark, scale=chosen.scale)
    module, function = chosen.what.split(":")
    widget = getattr(importlib.import_module(module), function)()
    width, height = (int(part) for part in chosen.size.split("x"))
    print(shoot(widget, path=chosen.path, size=(width, height)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
