"""What every command is given: the options, the two streams, the clock. It knows no workspace and loads quickly."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TextIO

from app.models.sealed import HIDDEN

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The real time, aware, UTC."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Shell:
    """One call of the program. `vault` is None for the product's own; a test brings a cheaper one."""

    options: argparse.Namespace = field(default_factory=argparse.Namespace)
    now: Clock = system_clock
    pause: Callable[[float], object] = field(default_factory=lambda: threading.Event().wait)  # seconds
    vault: Any = None
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    source: TextIO = field(default_factory=lambda: sys.stdin)
    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)

    @property
    def wants_json(self) -> bool:
        """Whether stdout is to carry one JSON document and nothing else."""
        return bool(getattr(self.options, "json", False))

    def tell(self, document: Any, *, lines: Iterable[str]) -> None:
        """The result: one JSON document, or the lines for a person."""
        if self.wants_json:
            print(json.dumps(plain(document), ensure_ascii=False, indent=2), file=self.out)
        else:
            for line in lines:
                print(safe(line), file=self.out)

    def remark(self, text: str) -> None:
        """Something that is not the result: a warning, a step. It never mixes with JSON."""
        print(text, file=self.err, flush=True)

    def path(self, option: str, variable: str) -> Path | None:
        """A path from an option, else from a variable of the environment."""
        value = getattr(self.options, option, None) or self.environ.get(variable)
        return Path(value).expanduser() if value else None


def safe(text: str) -> str:
    """The text without what a terminal would obey: control characters and marks that turn the direction of reading."""
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") else c for c in text)


@contextmanager
def stoppable() -> Iterator[None]:
    """Inside the block SIGTERM arrives as Ctrl+C does, so that what was started is stopped."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def plain(value: Any) -> Any:
    """The value in the types of JSON: moments and days as ISO text, sets as lists; what is shut says that it is."""
    if value is HIDDEN:
        return {"sealed": True}
    if isinstance(value, Mapping):
        return {str(key): plain(held) for key, held in value.items()}
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in (sorted(value) if isinstance(value, set | frozenset) else value)]
    return str(value) if isinstance(value, Path) else value
