"""What every test stands on: a clock that is turned by hand, one language, no log line unasked for, no thread left.

A test that provokes a warning on purpose says so: `@pytest.mark.warns_in_log("disk full")`.
What concerns Qt is in tests/ui/conftest.py.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from app import i18n

pytest_plugins = ["tests.attacks"]  # `tries` and `survived`, for every attack

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ.pop("WAYLAND_DISPLAY", None)

# No deadline: a slow machine is not a bug. The same examples at every run: a red test stays red until it is mended.
settings.register_profile(
    "house", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")

JOIN_SECONDS = 5
# Files with few tests that take long come first: at the end one worker would wait for the other.
LONG = (
    "vault/test_crash",
    "sync/test_state_machine",
    "attack/test_faults",
    "journeys/test_demo",
    "sync/test_broken_links",
)


# Every save waits for the disk, half of what a test takes: in memory nobody waits. (A container may have 64 MB of it.)
MEMORY, ROOM = Path("/dev/shm"), 2 << 30


def pytest_configure(config: pytest.Config) -> None:
    """Temporary files lie in memory where there is room, unless somebody said where they lie."""
    told = config.getoption("basetemp") or {"TMPDIR", "PYTEST_DEBUG_TEMPROOT"} & os.environ.keys()
    if not told and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)  # for the workers and for every child


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long files first, the rest as it was."""
    items.sort(key=lambda item: not any(long in item.nodeid for long in LONG))


class Clock:
    """The time as a test wants it: `now()` is an aware UTC datetime that moves only when told to."""

    def __init__(self, start: datetime) -> None:
        self.moment = start

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **span: float) -> datetime:
        """Move on, e.g. `clock.forward(days=3)`; negative values go back."""
        self.moment += timedelta(**span)
        return self.moment


@pytest.fixture
def clock() -> Clock:
    """A Monday morning in Jakarta."""
    return Clock(datetime(2026, 11, 23, 1, 30, tzinfo=UTC))


@pytest.fixture(scope="session", autouse=True)
def _no_home_of_a_person(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Settings, caches and data of whoever runs the tests are out of reach."""
    home = tmp_path_factory.mktemp("home")
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
        os.environ[name] = str(home)
    home.chmod(0o700)


@pytest.fixture(autouse=True)
def _indonesian_by_default() -> Iterator[None]:
    """Each test starts in Indonesian at WIB, whatever the one before it chose."""
    i18n.use("id", "WIB")
    yield
    i18n.use("id", "WIB")


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def _silent_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """A log line at WARNING or above fails the test, unless its marker `warns_in_log` asked for it."""
    listener = _Listener()
    logging.getLogger().addHandler(listener)
    yield
    logging.getLogger().removeHandler(listener)
    patterns = [str(mark.args[0]) for mark in request.node.iter_markers("warns_in_log")]
    unasked = [line for line in listener.lines if not any(re.search(pattern, line) for pattern in patterns)]
    assert not unasked, "logged at WARNING or above:\n" + "\n".join(unasked)
    missing = [pattern for pattern in patterns if not any(re.search(pattern, line) for line in listener.lines)]
    assert not missing, f"the expected warnings never came: {missing}"


@pytest.fixture(autouse=True)
def _no_thread_left() -> Iterator[None]:
    """A thread that a test started has to end with it. (Threads of Python's making only: Qt's own show as dummies.)"""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        if not isinstance(thread, threading._DummyThread):
            thread.join(JOIN_SECONDS)
            assert not thread.is_alive(), (
                f"left running: {thread.name}; stop and join it in the fixture that started it"
            )


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return Path(__file__).resolve().parent.parent
