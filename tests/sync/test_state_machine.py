"""The machine of tests/sync/machine.py, bounded: the same runs every time. `make soak` runs it long, with new seeds."""

from __future__ import annotations

from typing import Any

from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.sync.machine import Offices


def test_anything_in_any_order_adds_up(postgres: Any) -> None:
    Offices.postgres = postgres
    # not shrunk: a smaller example of what three laptops did would take longer to find than to understand the first
    phases = (Phase.explicit, Phase.reuse, Phase.generate)
    bounds = settings(max_examples=5, stateful_step_count=20, deadline=None, phases=phases)
    run_state_machine_as_test(Offices, settings=bounds)
