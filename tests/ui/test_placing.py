"""A window is whole on the screen, wherever the one before it stood and however small the screen is."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, QSize

from app.ui.placing import FRAME, placed

SMALL, LARGE = QRect(0, 0, 1024, 600), QRect(0, 27, 1920, 1053)


@pytest.mark.parametrize(
    ("wanted", "least", "free"),
    [
        (QRect(0, 0, 720, 600), QSize(640, 480), SMALL),
        (QRect(500, 300, 720, 600), QSize(640, 480), LARGE),
        (QRect(1500, 800, 1366, 768), QSize(1024, 600), LARGE),
        (QRect(-300, -200, 1366, 768), QSize(1024, 600), LARGE),
        (QRect(100, 100, 2500, 500), QSize(640, 480), LARGE),
    ],
)
def test_a_window_with_its_frame_is_whole_on_the_screen(wanted: QRect, least: QSize, free: QRect) -> None:
    place = placed(wanted, least=least, free=free)
    assert place is not None
    assert free.contains(QRect(place.topLeft(), place.size() + FRAME))
    assert place.width() >= least.width() and place.height() >= least.height()


def test_a_window_that_fits_stays_where_it_is() -> None:
    wanted = QRect(200, 100, 1366, 768)
    assert placed(wanted, least=QSize(1024, 600), free=LARGE) == wanted


@pytest.mark.parametrize("free", [SMALL, QRect(0, 0, 1366, 768), QRect(0, 0, 1366, 728)])
def test_a_window_as_large_as_the_screen_takes_it_whole(free: QRect) -> None:
    assert placed(QRect(0, 0, 1366, 768), least=QSize(1024, 600), free=free) is None
