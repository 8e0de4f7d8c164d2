"""Refer a victim: to whom, why, until when, on which consent; and exactly what leaves because of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.errors import Invalid, KnownError, UserError
from app.i18n import _
from app.models.field import fields_of
from app.models.referral import Referral
from app.services import consents, directory, drafts, referrals
from app.services.case_page import open_page
from app.services.desk import Desk, Saved
from app.services.entries import Entry
from app.services.referral_page import Withheld, withheld
from app.services.referrals import DUE_HOURS
from app.ui import problems, theme
from app.ui.dialogs import FormDialog
from app.ui.field_editors import FieldLike
from app.ui.form import Form
from app.ui.form_tools import choices, tools_for
from app.ui.jobs import Job
from app.ui.screens.case_dialogs import new_consent
from app.ui.screens.package_view import PackageView, counted
from app.ui.screens.refer_editors import ConsentEditor, RecipientEditor, TierEditor, recipient_search
from app.ui.widgets.basics import button, row, text
from app.ui.widgets.editors import CodeEditor
from app.ui.widgets.pick_codes import PickCodesEditor
from app.ui.workplace import Workplace

DRAFT = "refer"
LOOK_MS = 200
KEYS = (
    "to_agency", "person_id", "reason", "urgency", "due_at", "to_person", "consent_id", "tiers", "services", "message",
)  # fmt: skip
LAYOUT = (("to_agency", "reason", "due_at"), ("person_id", "urgency", "to_person"))
_STAND_INS = {"reason": "OTHER", "urgency": "DAY1"}
Shown = tuple[tuple[Entry, ...], tuple[Withheld, ...]]


class ReferDialog(QDialog):
    """Open it with `open()`. What stands in it is kept as a draft when the screen locks."""

    def __init__(self, place: Workplace, case_id: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.place, self.case_id = place, case_id
        self.page = open_page(place.desk, case_id)
        self._agencies = {agency.id: agency for agency in directory.recipients(place.desk)}
        self._usable: tuple[Entry, ...] = ()
        self._touched, self._due_by_hand, self._computing = False, False, False
        self._job: Job | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Refer"))
        self.form = self._make_form()
        self.package = PackageView()
        self._counted, self._said = text("", role="muted"), text("", tone="danger", wrap=True)
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        self.form.changed.connect(self._changed)
        self._begin()

    # what it keeps and gives

    def save_draft(self) -> None:
        """Keep what stands in the form, if the person has touched it."""
        if self._touched:
            desk, case_id = self.place.desk, self.case_id
            values = {key: value for key, value in self._values().items() if value not in (None, "", ())}
            self.place.jobs.run(lambda _progress: drafts.save(desk, DRAFT, values, record=case_id))

    def send(self) -> None:
        """Check, then write the referral; it leaves this laptop at the next synchronisation."""
        self._say("")
        if not self.form.validate():
            return
        desk, case_id, values = self.place.desk, self.case_id, self._values()
        self.send_button.setEnabled(False)
        self.place.save(lambda: referrals.refer(desk, case_id, values), owner=self, then=self._done, failed=self._no)

    # inside

    def _make_form(self) -> Form:
        desk = self.place.desk
        declared = {f.key: f for f in fields_of(Referral)}
        people = [(v.person.id, v.person["name"] or "") for v in self.page.victims]
        finder = recipient_search(desk, asked=lambda: self._asked())
        editors: Mapping[str, Any] = {
            "to_agency": lambda _f: RecipientEditor(finder),
            "person_id": lambda _f: CodeEditor(people),
            "services": lambda f: PickCodesEditor(choices(f.codelist)),
            "consent_id": lambda _f: ConsentEditor(self.record_consent),
            "tiers": _tier_editor,
        }
        return Form(
            [declared[key] for key in KEYS], tools=tools_for(desk, Referral), layout=LAYOUT, editors=editors,
            parent=self,
        )  # fmt: skip

    def _begin(self) -> None:
        """One victim is the one; a day is the usual time to answer."""
        victims = self.page.victims
        start: dict[str, Any] = {"urgency": "DAY1", "due_at": self._due("DAY1")}
        if victims:
            start["person_id"] = victims[0].person.id
        self.form.set_values(start)
        kept = next((d for d in drafts.mine(self.place.desk) if d.form == DRAFT and d.record == self.case_id), None)
        self._offer_consents()
        if kept is not None:
            self.form.set_values({k: tuple(v) if isinstance(v, list) else v for k, v in kept.content.items()})
            self._offer_consents()
            self._forget_draft(kept.id)
            self._touched = True
            self._say(_("What you had entered before is back."), tone="good")
        self._look()

    def _asked(self) -> tuple[str, ...]:
        return tuple(self.form.boxes["services"].editor.value() or ()) if hasattr(self, "form") else ()

    def _values(self) -> dict[str, Any]:
        return self.form.values()

    def _recipient(self) -> tuple[Entry | None, str | None]:
        """The directory entry, and the id a consent names it by."""
        agency = self._agencies.get(self.form.current("to_agency") or "")
        return agency, (agency["office_id"] or agency.id) if agency else None

    def _changed(self, key: str) -> None:
        self._touched = self._touched or not self._computing
        if key == "due_at" and not self._computing:
            self._due_by_hand = True
        if key == "urgency" and not self._due_by_hand:
            self._put("due_at", self._due(self.form.current("urgency")))
        if key in ("to_agency", "person_id"):
            self._offer_consents()
        if key == "consent_id":
            self._allow_tiers()
        self._timer.start()

    def _put(self, key: str, value: Any) -> None:
        self._computing = True
        self.form.put(key, value)
        self._computing = False

    def _due(self, urgency: str | None) -> datetime:
        moment = self.place.now() + timedelta(hours=DUE_HOURS.get(urgency or "", 24))
        return moment.replace(second=0, microsecond=0)

    def _offer_consents(self) -> None:
        """The consents of this victim for this recipient; a single one is chosen."""
        agency, recipient = self._recipient()
        person = self.form.current("person_id")
        self._usable = tuple(
            c for c in consents.usable(self.place.desk, self.case_id, recipient) if c["person_id"] in (None, person)
        )
        editor = self.form.boxes["consent_id"].editor
        assert isinstance(editor, ConsentEditor)
        editor.offer(self._usable)
        if editor.value() is None and self._usable:
            self._put("consent_id", self._usable[-1].id)
        elif editor.value() != self.form.current("consent_id"):
            self._put("consent_id", editor.value())
        hint = "" if self._usable else _("No consent covers this recipient yet. Record one, or nothing can be shared.")
        self.form.set_hint("consent_id", hint)
        self.form.set_hint("to_agency", _how_it_goes(agency))
        self._allow_tiers()

    def _allow_tiers(self) -> None:
        chosen = next((c for c in self._usable if c.id == self.form.current("consent_id")), None)
        editor = self.form.boxes["tiers"].editor
        assert isinstance(editor, TierEditor)
        covered = tuple(chosen["tiers"] or ()) if chosen else ()
        had = editor.value()
        editor.allow(covered)
        self._put("tiers", editor.value() if had and editor.value() else covered)
        self.form.set_hint("tiers", _("Only what the consent covers can be chosen.") if chosen else "")

    def record_consent(self) -> None:
        """Record a consent without leaving the dialog; it is chosen when it fits."""
        _agency, recipient = self._recipient()
        dialog = FormDialog(self.place, new_consent(self.place.desk, self.page), parent=self)
        dialog.restore({"person_id": self.form.current("person_id"), "recipient": recipient})
        dialog.saved.connect(self._consent_recorded)
        dialog.open()

    def _consent_recorded(self, saved: Saved) -> None:
        self._put("consent_id", None)
        self._offer_consents()
        if any(c.id == saved.id for c in self._usable):
            self._put("consent_id", saved.id)
            self._allow_tiers()
        self._timer.start()

    def _look(self) -> None:
        """Show what would be shared as things stand."""
        agency, _recipient = self._recipient()
        if self._job is not None:
            self._job.cancel()
        if agency is None:
            self._counted.setText("")
            self.package.say(_("Choose an agency: then you see here, word for word, what it will read."))
            return
        desk, case_id = self.place.desk, self.case_id
        values = {key: self.form.current(key) for key in KEYS if self.form.current(key) not in (None, "", ())}
        self._job = self.place.load(
            lambda: _look_at(desk, case_id, values), owner=self, then=self._show_package, failed=self._no_preview
        )

    def _show_package(self, shown: Shown) -> None:
        shared, stays = shown
        self.package.show_package(shared, stays)
        self._counted.setText(counted(shared))

    def _no_preview(self, error: Exception) -> None:
        self._counted.setText("")
        self.package.say(problems.sentence(error))

    def _done(self, saved: Saved) -> None:
        self._touched = False
        desk, place, window = self.place.desk, self.place, self.place.window

        def undo() -> None:
            if window is not None:
                place.save(lambda: referrals.take_step(desk, saved.id, "WITHDRAWN"), owner=window)

        place.say(_("Referred. It leaves this laptop at the next synchronisation."), undo=undo)
        self.accept()

    def _no(self, error: Exception) -> None:
        self.send_button.setEnabled(True)
        if isinstance(error, Invalid):
            self.form.show_problems(error.problems)
            self.form.next_problem()
        if isinstance(error, UserError | KnownError):
            self._say(problems.sentence(error))
        else:
            problems.show(self, error)

    def _say(self, words: str, *, tone: str = "danger") -> None:
        self._said.setText(words)
        self._said.setVisible(bool(words))
        theme.mark(self._said, tone=tone)

    def _forget_draft(self, draft_id: str) -> None:
        desk = self.place.desk
        self.place.jobs.run(lambda _progress: drafts.discard(desk, draft_id))

    def _lay_out(self) -> None:
        pad = theme.px(20)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(pad, theme.px(16), pad, theme.px(14))
        layout.setSpacing(theme.px(12))
        head = row(text(_("Refer"), role="title"), text(self.page.row.number, role="muted"), None)
        layout.addLayout(head)
        middle = QHBoxLayout()
        middle.setSpacing(theme.px(16))
        middle.addWidget(scrolled(self.form), 11)
        middle.addWidget(self._package_card(), 9)
        layout.addLayout(middle, 1)
        self._said.hide()
        layout.addWidget(self._said)
        self.send_button = button(_("Refer"), kind="primary", keys="Ctrl+Return", clicked=self.send)
        cancel = button(_("Cancel"), clicked=self.reject)
        for one in (self.send_button, cancel):
            one.setAutoDefault(False)
        layout.addLayout(row(None, cancel, self.send_button))
        above = self.parentWidget()
        width, height = (above.width(), above.height()) if above is not None else (1366, 768)
        self.resize(min(theme.px(1080), width - 40), min(theme.px(680), height - 40))

    def _package_card(self) -> QFrame:
        card = QFrame()
        theme.mark(card, role="card")
        inside = QVBoxLayout(card)
        side = theme.px(16)
        inside.setContentsMargins(side, theme.px(12), theme.px(8), theme.px(8))
        inside.setSpacing(theme.px(8))
        inside.addLayout(row(text(_("Exactly this is shared"), role="heading"), None, self._counted))
        inside.addWidget(scrolled(self.package, name=_("What is shared")), 1)
        return card


def _look_at(desk: Desk, case_id: str, values: Mapping[str, Any]) -> Shown:
    """The preview wants a whole referral: what is not chosen yet is stood in for, and not shown."""
    lacking = {key: code for key, code in _STAND_INS.items() if key not in values}
    shared = referrals.preview(desk, case_id, {**lacking, **values})
    stays = withheld(desk, case_id, shared)
    return tuple(replace(e, values={k: v for k, v in e.values.items() if k not in lacking})
                 if e.kind == "referral" else e for e in shared), stays  # fmt: skip


def _tier_editor(declared: FieldLike) -> TierEditor:
    return TierEditor(choices(declared.codelist or ""), name=_(declared.label))


def _how_it_goes(agency: Entry | None) -> str:
    if agency is None:
        return ""
    if agency["office_id"]:
        return _("Works in Naungan: reads it after the next synchronisation.")
    return _("Works on paper: hand over the PDF, and enter its answer here yourself.")


def scrolled(inner: QWidget, *, name: str = "") -> QScrollArea:
    """A part that scrolls when the font is large or the window small."""
    ground = QWidget()
    theme.mark(ground, role="body")
    holder = QVBoxLayout(ground)
    holder.setContentsMargins(0, 0, theme.px(8), 0)
    holder.addWidget(inner)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.StrongFocus if name else Qt.FocusPolicy.NoFocus)
    area.setAccessibleName(name)
    area.setWidget(ground)
    return area
