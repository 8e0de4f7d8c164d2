"""Where Naungan starts: `naungan` opens the window, `naungan COMMAND` does one thing and ends."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from app.cli.main import run


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says and return the exit code: 0 done, 1 a bug, 2 to be put right, 3 environment."""
    return run(sys.argv[1:] if arguments is None else arguments)


if __name__ == "__main__":
    sys.exit(main())
