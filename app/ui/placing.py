"""Where a window stands: whole on the screen, where the one before it stood, maximised when no room is to spare."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import QWidget, QWizard

FRAME = QSize(8, 40)  # what a desktop puts around a window, at most; it is not known before the window is shown


def placed(wanted: QRect, *, least: QSize, free: QRect) -> QRect | None:
    """The wanted place made small enough and moved onto the free part of the screen; None: take the whole screen."""
    room = free.size() - FRAME
    if wanted.width() >= room.width() and wanted.height() >= room.height():
        return None
    size = wanted.size().boundedTo(room).expandedTo(least)
    x = max(free.left(), min(wanted.left(), free.right() + 1 - size.width() - FRAME.width()))
    y = max(free.top(), min(wanted.top(), free.bottom() + 1 - size.height() - FRAME.height()))
    return QRect(x, y, size.width(), size.height())


def show(window: QWidget, *, after: QWidget | None) -> None:
    """Show a window in the place of the one before, if that was of its kind: a wizard is the smaller thing."""
    alike = after is not None and isinstance(after, QWizard) == isinstance(window, QWizard)
    if after is not None and alike and after.isMaximized():
        window.showMaximized()
        return
    screen = (after or window).screen().availableGeometry()
    wanted = QRect(screen.center(), window.size())
    wanted.moveCenter(screen.center())
    place = placed(
        after.geometry() if after is not None and alike else wanted,
        least=window.minimumSize().expandedTo(window.minimumSizeHint()),
        free=screen,
    )
    if place is None:
        window.showMaximized()
    else:
        window.setGeometry(place)
        window.show()
