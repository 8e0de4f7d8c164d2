"""The only package that imports PySide6.

Shiboken reads the source of every module imported after it, to see whether it could have asked for `snake_case` or
`true_property`: 230,000 lines at every start, and `linecache` keeps them (22 MiB). Nobody asks for these here. A
one-folder build has no sources, so there the answer was always no; here it is no as well.
"""

from __future__ import annotations

import sys

import PySide6.QtCore  # noqa: F401 - brings the look-up that is answered below

_features = sys.modules.get("shibokensupport.feature")
if hasattr(_features, "_mod_uses_pyside"):
    _features._mod_uses_pyside = lambda module: False  # type: ignore[union-attr]
