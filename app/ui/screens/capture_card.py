"""Whether pictures of the screen are blocked: said plainly, and a switch where the system can."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox

from app.i18n import N_, _
from app.ui.capture import Blocking, capture_block
from app.ui.widgets.basics import Card, text

SAID = {
    Blocking.ON: N_("Screenshots blocked"),
    Blocking.OFF: N_("Screenshots allowed"),
    Blocking.NOT_HERE: N_("No screenshot block here"),
}
MEANS = {
    Blocking.ON: N_("Screenshots, recordings and shared screens show none of our windows. A camera sees them."),
    Blocking.OFF: N_("Anybody can take pictures of these windows now. They are blocked again at the next unlock."),
    Blocking.NOT_HERE: N_(
        "This system offers no way to block screenshots; X11 and Wayland have none. Mind who records the screen."
    ),
}


class CaptureCard(Card):
    """Follows the block, wherever it is switched."""

    def __init__(self) -> None:
        super().__init__(_("Pictures of the screen"))
        self._block = capture_block()
        self.switch = QCheckBox(_("Block screenshots and recordings of Naungan"))
        self.means = text("", role="muted", wrap=True)
        self.body.addWidget(self.switch)
        self.body.addWidget(self.means)
        self.switch.toggled.connect(self._block.switch)
        self._block.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        state = self._block.state
        self.switch.setChecked(state is Blocking.ON)
        self.switch.setEnabled(state is not Blocking.NOT_HERE)
        self.means.setText(_(MEANS[state]))
