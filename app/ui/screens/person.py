"""One person: who they are, whether to contact them is safe, every case they appear in, and who changed what when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app.errors import NotFound
from app.i18n import N_, _, format_number, ngettext
from app.models.codelist import label
from app.models.dates import is_child, show_date
from app.models.field import said_fields
from app.models.journal import Changes
from app.models.permission import Permission
from app.models.person import Person, estimated_on
from app.services import drafts, parties
from app.services.desk import log_view
from app.services.drafts import SavedDraft
from app.services.person_page import PersonChange, PersonPage, PersonPart, open_person
from app.ui import icons, presenting, problems, theme
from app.ui.dialogs import Asked, FormDialog
from app.ui.screens.case_cards import facts_of
from app.ui.screens.draft_keeper import DraftKeeper
from app.ui.theme import Tone
from app.ui.widgets.basics import Card, Chip, button, only_if, row, text
from app.ui.widgets.entry_card import EntryCard, EntryView, Fact
from app.ui.widgets.facts import LINE_HEIGHT, FactLine, FactList
from app.ui.widgets.feedback import Banner, EmptyState
from app.ui.widgets.flow import FlowLayout, empty
from app.ui.widgets.timeline import Timeline, TimelineEntry
from app.ui.workplace import Workplace

DRAFT = "person:edit"
NARROW = 860  # below it the two columns stand under each other
HISTORY_HEIGHT = 260
MOST_LINES = 6  # cases seen at once; more are scrolled to
GROUPS = {
    "identity": N_("Identity"), "contact": N_("Contact"), "background": N_("Background"), "health": N_("Health"),
}  # fmt: skip
_WHAT = {
    "NEW": (N_("Entered"), Tone.INFO), "CHANGED": (N_("Changed"), Tone.NEUTRAL),
    "MERGED": (N_("Merged with another entry"), Tone.WARN), "PARTED": (N_("Merge taken back"), Tone.WARN),
}  # fmt: skip
_TOUCHED = frozenset({"person", "person_match", "party", "case"})


class PersonScreen:
    """A person, reached from the registry, a case or a network."""

    name, title, icon, section = "person", N_("Person"), "persons", ""
    permission = Permission.READ

    def build(self, context: Any) -> QWidget:
        """The page, newly made."""
        return PersonView(context)


class PersonView(QWidget):
    """`open(person_id)` shows a person and notes in the audit that they were looked at."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        theme.mark(self, role="page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.place = place
        self.page: PersonPage | None = None
        self.dialog: FormDialog | None = None
        self._keeper: DraftKeeper | None = None
        self.cases = FactList(name=_("Cases of this person"), empty=_("In no case on this laptop."))
        self.cases.opened.connect(lambda key: place.go("case", target=key.partition(" ")[0]))
        self.history = Timeline(name=_("History"))
        self._name, self._line, self._also = text("", role="title"), text("", role="muted"), text("", role="muted")
        self._stack = QStackedWidget()
        self._stack.addWidget(
            EmptyState(_("Nobody is open"), action=button(_("To the persons"), clicked=lambda: place.go("persons")))
        )
        self._stack.addWidget(self._laid_out())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)

    def open(self, target: Any) -> None:
        """Show this person; of a merged entry, the one it stands for."""
        if not self._read(str(target)) or self.page is None:
            return
        desk, shown = self.place.desk, self.page.person.id
        self.place.jobs.run(
            lambda _progress: log_view(desk, shown, kind="person"), failed=lambda e: problems.show(self, e), owner=self
        )

    def refresh(self, changes: Changes) -> None:
        """Show the person anew if anything about persons changed."""
        if self.page is not None and changes.kinds & _TOUCHED:
            self.on_refresh()

    def on_refresh(self) -> None:
        """F5; somebody who left this laptop says so."""
        if self.page is not None:
            self._read(self.page.person.id)

    @property
    def has_dialog(self) -> bool:
        """Whether a change is being typed."""
        return self.dialog is not None

    def save_draft(self) -> None:
        """Keep what stands in the open dialog."""
        if self.dialog is not None and self._keeper is not None and self.dialog.is_touched:
            self._keeper.touch()
            self._keeper.save_now()

    def edit(self, values: Mapping[str, Any] | None = None) -> None:
        """Change anything that is known of the person; `values` come from a draft."""
        if self.page is None:
            return
        desk, person = self.place.desk, self.page.person
        asked = Asked(
            Person, _("Edit the person"), tuple(field.key for field in said_fields(Person)),
            lambda told: parties.change_person(desk, person.id, told), values=person.values,
        )  # fmt: skip
        dialog = FormDialog(self.place, asked, parent=self.window())
        read = dialog.current_values
        keeper = DraftKeeper(self.place, form=DRAFT, read=read, parent=dialog, record=person.id)
        self.dialog, self._keeper = dialog, keeper
        if values:
            dialog.restore(values)
            self.save_draft()
        dialog.form.changed.connect(lambda _key: keeper.touch())
        dialog.left.connect(lambda told: self.place.say(_("What you typed was not saved."),
                                                        undo=lambda: self.edit(told)))  # fmt: skip
        dialog.finished.connect(self._forget)
        dialog.open()

    def _forget(self, _result: int) -> None:
        if self._keeper is not None:
            self._keeper.end()
        self.dialog = self._keeper = None

    def _read(self, person_id: str) -> bool:
        try:
            self.page = open_person(self.place.desk, person_id)
        except NotFound as error:
            self.page = None
            self._stack.setCurrentIndex(0)
            problems.show(self, error)
            return False
        self._show(self.page)
        self._stack.setCurrentIndex(1)
        return True

    def _show(self, page: PersonPage) -> None:
        person, today = page.person, self.place.desk.today()
        self._name.setText(person["name"] or presenting.NOTHING)
        line = (presenting.person_line(person.values, today), guessed(page))
        self._line.setText(" \u00b7 ".join(part for part in line if part))
        names = [other["name"] for other in page.others if other["name"] and other["name"] != person["name"]]
        self._also.setText(_("Also entered as: {names}").format(names=", ".join(dict.fromkeys(names))))
        self._also.setVisible(bool(names))
        self._show_chips(page)
        empty(self._bands)
        for words in page.warnings:
            self._bands.addWidget(Banner(words, tone=Tone.WARN))
        for draft in drafts.mine(self.place.desk):
            if draft.form == DRAFT and draft.record == person.id:
                self._bands.addWidget(self._draft_band(draft))
        empty(self._facts)
        for group, title in GROUPS.items():
            left_out = [field.key for field in said_fields(Person) if field.group != group or field.key == "name"]
            facts = facts_of(Person, person, leave_out=left_out)
            if facts:
                self._facts.addWidget(EntryCard(EntryView(_(title), (), [Fact(*fact) for fact in facts])))
        self._facts.addStretch(1)
        self._count.setText(ngettext("{n} case", "{n} cases", len({p.case_id for p in page.parts})).format(
            n=format_number(len({p.case_id for p in page.parts}))))  # fmt: skip
        self.cases.show_lines([_case_line(part) for part in page.parts])
        lines = min(max(len(page.parts), 1), MOST_LINES)
        self.cases.setFixedHeight(theme.px(LINE_HEIGHT) * lines + 6)
        self.history.show_entries([self._change(change) for change in page.changes])

    def _show_chips(self, page: PersonPage) -> None:
        person = page.person
        empty(self._chips)
        safe = presenting.contact(person["contact_safety"])
        self._chips.addWidget(Chip(safe.words, tone=safe.tone, mark=safe.mark))
        if is_child(person["birth_date"], person["age"], self.place.desk.today(), on=estimated_on(person.values)):
            self._chips.addWidget(Chip(_("Child"), tone=Tone.INFO))
        for role in dict.fromkeys(part.role for part in page.parts):
            self._chips.addWidget(Chip(label("party_role", role), tone=Tone.NEUTRAL))
        if page.others:
            words = ngettext("{n} entry merged into this one", "{n} entries merged into this one", len(page.others))
            self._chips.addWidget(Chip(words.format(n=format_number(len(page.others))), tone=Tone.WARN))
        if not person.sent:
            mark = presenting.sync_mark(False)
            self._chips.addWidget(Chip(mark.words, tone=mark.tone, mark=mark.mark))

    def _change(self, change: PersonChange) -> TimelineEntry:
        kind, tone = _WHAT[change.what]
        said = [_line(*field) for field in change.fields]
        meta = " \u00b7 ".join(part for part in (presenting.when(change.at, self.place.now()), change.by) if part)
        return TimelineEntry(change.id, _(kind), "\n".join(said), meta, tone)

    def _draft_band(self, draft: SavedDraft) -> Banner:
        when = presenting.when(draft.saved_at, self.place.now())
        words = _("An entry that was not saved: {kind}, {when}").format(kind=_("Person"), when=when)
        desk, buttons = self.place.desk, QWidget()
        restore, discard = button(_("Restore"), kind="primary"), button(_("Discard"))
        buttons.setLayout(row(restore, discard))
        band = Banner(words, tone=Tone.WARN)
        inside = band.layout()
        assert inside is not None
        inside.addWidget(buttons)

        def end(*, again: bool) -> None:
            band.hide()
            self.place.jobs.run(lambda _progress: drafts.discard(desk, draft.id), owner=self)
            if again:
                self.edit({key: tuple(v) if isinstance(v, list) else v for key, v in draft.content.items()})

        restore.clicked.connect(lambda: end(again=True))
        discard.clicked.connect(lambda: end(again=False))
        return band

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Two columns where there is room."""
        super().resizeEvent(event)
        beside, under = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._sides.setDirection(under if self.width() < theme.px(NARROW) else beside)

    def _laid_out(self) -> QWidget:
        ground, place = QWidget(), self.place
        theme.mark(ground, role="page")
        back = button(_("Persons"), kind="quiet", icon=icons.icon("persons", colour="accent"))
        back.clicked.connect(lambda: place.go("persons"))
        change = button(_("Edit…"), icon=icons.icon("edit"), clicked=self.edit)
        only_if(place.desk.may(Permission.WRITE_CASE), change)
        self.network = button(
            _("Network"), kind="primary", icon=icons.icon("network", colour="on_accent"), clicked=self._go_network
        )
        chips = QWidget()
        self._chips = FlowLayout(chips, gap=theme.px(8))
        self._bands = QVBoxLayout()
        layout = QVBoxLayout(ground)
        layout.setContentsMargins(theme.px(22), theme.px(12), theme.px(22), theme.px(18))
        layout.setSpacing(theme.px(8))
        self._line.setWordWrap(True)
        layout.addLayout(row(back, None))
        layout.addLayout(row(self._name, None, change, self.network))
        for part in (self._line, self._also, chips):
            layout.addWidget(part)
        layout.addLayout(self._bands)
        layout.addLayout(self._columns(), 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(ground)
        self.landing: QWidget = self.network
        return area

    def _columns(self) -> QBoxLayout:
        """What is known of the person, and beside it their cases and what was done to the entry."""
        who, in_cases, done = Card(), Card(_("Cases")), Card(_("History"))
        self._facts, self._count = who.body, text("", role="muted")
        in_cases.body.addWidget(self._count)
        in_cases.body.addWidget(self.cases)
        self.history.setMinimumHeight(theme.px(HISTORY_HEIGHT))
        words = _("What was changed on this laptop, and when the person was entered.")
        done.body.addWidget(text(words, role="muted", wrap=True))
        done.body.addWidget(self.history, 1)
        others = QVBoxLayout()
        others.setSpacing(theme.px(12))
        others.addWidget(in_cases)
        others.addWidget(done, 1)
        self._sides = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._sides.setSpacing(theme.px(12))
        self._sides.addWidget(who, 3)
        self._sides.addLayout(others, 2)
        return self._sides

    def _go_network(self) -> None:
        if self.page is not None:
            self.place.go("network", target=self.page.person.id)


def _line(name: str, before: str, after: str) -> str:
    """'Telephone: +62… (before: +62…)'."""
    now = f"{_(name)}: {after or presenting.NOTHING}"
    return now + " " + _("(before: {value})").format(value=before) if before else now


def guessed(page: PersonPage) -> str:
    """'about 17 on 3 March 2024' where the age is only estimated."""
    person = page.person
    on = estimated_on(person.values)
    if person["birth_date"] or person["age"] is None or not on:
        return ""
    return _("about {age} on {day}").format(age=format_number(person["age"]), day=show_date(on))


def _case_line(part: PersonPart) -> FactLine:
    status = presenting.status(part.status)
    role = Tone.DANGER if part.role == "SUSPECT" else Tone.INFO if part.role == "VICTIM" else Tone.NEUTRAL
    words = " \u00b7 ".join(p for p in (status.words, presenting.risk(part.risk, long=True).words, part.office) if p)
    chip = (label("party_role", part.role), role)
    return FactLine(f"{part.case_id} {part.role}", part.number, words, chip=chip)
