"""The centre as a process of its own: `python -m benchmarks.syncing.serving URL FOLDER`. Ends with its input."""

from __future__ import annotations

import os
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from app.central import serve
from app.central.config import Config, Limits


def main(database: str, folder: str) -> None:
    """Serve; one measuring laptop may ask as often as it likes, everything else is as in service."""
    limits = Limits(requests_per_minute=1_000_000, strangers_per_minute=1_000_000)
    threading.Thread(target=_end_with_input, daemon=True).start()
    serve.run(Config(database, Path(folder), lambda: datetime.now(UTC), limits), ready=_tell)


def _tell(url: str) -> None:
    print(url, flush=True)


def _end_with_input() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(*sys.argv[1:])
