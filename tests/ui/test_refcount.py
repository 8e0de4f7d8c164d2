"""PySide6 6.12.0 under Python 3.11 gave away a reference to None at every void call, until None was freed."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QLabel

CALLS = 10_000


class _Sender(QObject):
    sent = Signal(int)


def _drift(call) -> int:
    call(0)
    before = sys.getrefcount(None)
    for number in range(CALLS):
        call(number)
    return sys.getrefcount(None) - before


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from Python 3.12 on")
def test_void_calls_leave_the_count_of_none_alone(qtbot):
    label, sender = QLabel(), _Sender()
    qtbot.addWidget(label)
    sender.sent.connect(lambda _n: None)
    calls = {
        "method": lambda n: sender.setObjectName(str(n)),
        "widget": lambda n: label.setText(str(n)),
        "property": lambda n: sender.setProperty("n", n),
        "signal": lambda n: sender.sent.emit(n),
        "override": lambda n: label.update(),
    }
    drifts = {name: _drift(call) for name, call in calls.items()}
    assert all(abs(drift) < CALLS // 100 for drift in drifts.values()), drifts
