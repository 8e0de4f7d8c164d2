"""Widgets that take files which are dropped on them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtGui import QDragEnterEvent, QDropEvent


class TakesFiles:
    """Named before the Qt class; whoever inherits calls `setAcceptDrops` and says in `take_files` what is done."""

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        found = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if found:
            event.acceptProposedAction()
            self.take_files(found)

    def take_files(self, files: Sequence[Path]) -> None:
        """What to do with them; there is at least one."""
