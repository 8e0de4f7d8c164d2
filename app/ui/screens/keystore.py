"""On the screen Recovery: whether one's own sign-in also takes the keystore of this laptop, and the switch for it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.i18n import _
from app.services import keystore
from app.ui import theme
from app.ui.screens.deed_dialog import DeedDialog
from app.ui.widgets.basics import Card, button, row, text
from app.ui.widgets.password import PasswordField
from app.ui.workplace import Workplace


class KeystoreCard(Card):
    """About the signed-in user alone. Offered only where two people could let somebody in again."""

    def __init__(self, place: Workplace) -> None:
        super().__init__(_("Your password and the keystore of this laptop"))
        self.place = place
        words = _("If you wish, your sign-in also takes a key that the system of this laptop keeps for your account. "
                  "Whoever copies the files and knows your password then still reads nothing.")  # fmt: skip
        self.state, self.need = text("", role="strong", wrap=True), text("", role="small", wrap=True)
        self.button = button("", clicked=self.ask)
        self.body.addWidget(text(words, wrap=True))
        self.body.addWidget(self.state)
        self.body.addLayout(row(self.button, None))
        self.body.addWidget(self.need)
        self.show_standing()

    def show_standing(self) -> None:
        """Say how it stands."""
        workspace = self.place.workspace
        on, offered = workspace.peppered, workspace.recoverable
        self.state.setText(_("On: signing in takes the keystore.") if on else _("Off: the password alone opens."))
        theme.mark(self.state, tone="good" if on else "")
        self.button.setText(_("Switch off…") if on else _("Switch on…"))
        self.button.setEnabled(on or offered)
        self.need.setText(_("A keystore can be lost with its laptop: set both recovery keys first."))
        self.need.setVisible(not on and not offered)

    def ask(self) -> None:
        """What it means, and the password."""
        dialog = KeystoreDialog(self.place, on=not self.place.workspace.peppered, parent=self.window())
        dialog.done_well.connect(self.show_standing)
        dialog.open()


class KeystoreDialog(DeedDialog):
    """Switches it on or off; the slot is made anew, so it takes the password."""

    def __init__(self, place: Workplace, *, on: bool, parent: QWidget | None = None) -> None:
        title = _("Take the keystore to sign in?") if on else _("Sign in with the password alone?")
        action, slow = _("Switch on") if on else _("Switch off"), _("Working out the key…")
        super().__init__(place, title=title, action=action, slow=slow, parent=parent)
        self._on = on
        if on:
            self.explain([
                _("If this laptop's system is set up anew or its keystore is lost, your password will not open this "
                  "workspace any more. Then a colleague adds you again, or two people with their recovery keys do."),
                _("Backups then open with your password only here. After you change the password, earlier ones open "
                  "only with a colleague's, or with both recovery keys."),
            ])  # fmt: skip
        else:
            self.explain([_("The entry in the keystore is deleted. Backups made while it was on open only with a "
                            "colleague's password, or with both recovery keys.")])  # fmt: skip
        self.password = PasswordField(_("Your password"))
        self.password.entered.connect(self.save)
        self.body.addWidget(self.password)

    def save(self) -> None:
        """Do it."""
        desk, workspace, on, password = self.place.desk, self.place.workspace, self._on, self.password.text()
        self.do(
            lambda: keystore.switch(desk, workspace, password=password, on=on),
            said=_("Signing in takes the keystore now.") if on else _("Your password alone opens again."),
        )
