"""The state machine of the sync, run long, with new seeds each time: how often what happened, or the seed that failed.

make soak ARGS="30"              half an hour (10 minutes without ARGS)
make soak ARGS="--seed 4711"     one run again, as it was
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from app import i18n
from app.central import admin, embedded
from tests.sync.machine import Offices

_HOMES = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR")


def main() -> int:
    """Run until the time is over or something does not add up."""
    options = _options()
    home = Path(tempfile.mkdtemp(prefix="naungan-soak-"))
    os.environ.update(dict.fromkeys(_HOMES, str(home)))
    i18n.use("en")
    server = embedded.start(home / "pg", fast=True)
    try:
        admin.init(server.url("owner"), home / "centre")
        Offices.postgres = server
        return _runs(options)
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


def _runs(options: argparse.Namespace) -> int:
    runs, end = 0, time.monotonic() + 60 * options.minutes
    while time.monotonic() < end and (runs == 0 or options.seed is None):
        number = secrets.randbelow(2**32) if options.seed is None else options.seed
        try:
            _run(number, steps=options.steps)
        except BaseException as error:
            traceback.print_exc()
            _table(runs)
            how = f"--seed {number} --steps {options.steps}"
            print(f'seed {number} failed: {type(error).__name__}. Again: make soak ARGS="{how}"')
            return 1
        runs += 1
        print(f"seed {number}: adds up", flush=True)
    _table(runs)
    return 0


def _run(number: int, *, steps: int) -> None:
    """Four examples of a seed; the first that hypothesis makes is the dullest there is."""
    bounds = settings(
        max_examples=4, stateful_step_count=steps, deadline=None, database=None, derandomize=False,
        phases=(Phase.generate,), suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(seed(number)(type("Run", (Offices,), {})), settings=bounds)


def _table(runs: int) -> None:
    print(f"\n{runs} runs; what happened in them:")
    for what, count in sorted(Offices.happened.items()):
        print(f"  {what:24} {count:7}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("minutes", nargs="?", type=float, default=10)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--steps", type=int, default=50)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
