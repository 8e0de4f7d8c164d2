"""Modules that are loaded when they are first used: what most days of work do without (docs/adr, "Loaded when used").

Beside each use stands the import it puts off, so that mypy, the import contracts and the one-folder build see it:

    if TYPE_CHECKING:
        import httpx2
    else:
        httpx2 = lazy("httpx2")
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any


def lazy(name: str) -> Any:
    """The module of this name, imported by the first look at anything in it; ImportError comes then, too.

    Every look goes to the module itself, so that what a test replaces there is replaced here. Any thread may be first.
    """
    return _Later(name)


class _Later(ModuleType):
    """Stands for a module that nobody has looked at yet."""

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self.__name__), name)
