"""Runs the measurements and prints one table: `python -m benchmarks [NAME ...]`, all of them without a name."""

from __future__ import annotations

import importlib
import pkgutil
import sys
import time
import traceback
from collections.abc import Sequence

import benchmarks

Row = tuple[str, str, str, str]
HEAD: Row = ("what", "ours", "beside", "ratio")


def main(names: Sequence[str]) -> int:
    """Print the table; 1 if a measurement failed or there is none of a name."""
    modules = [module for module in pkgutil.iter_modules(benchmarks.__path__) if not module.ispkg]
    known = [module.name for module in modules if not module.name.startswith("_")]
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"no measurement {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 1
    failed = [name for name in names or known if not _measure(name)]
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed))


def _measure(name: str) -> bool:
    began = time.monotonic()
    try:
        rows: list[Row] = importlib.import_module(f"benchmarks.{name}").rows()
    except Exception:
        traceback.print_exc()
        return False
    print(f"\n{name} ({time.monotonic() - began:.0f} s)")
    _print([HEAD, *rows])
    return True


def _print(rows: Sequence[Row]) -> None:
    widths = [max(len(row[n]) for row in rows) for n in range(len(HEAD))]
    for row in rows:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
