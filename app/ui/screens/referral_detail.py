"""The chosen referral beside the list: what was asked, every step, what is shared; and what may be done now."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from app.i18n import _, format_datetime, format_time
from app.models.codelist import label
from app.models.dates import show_date
from app.services.entries import Entry
from app.services.referral_page import ReferralPage, ReferralStep
from app.services.referrals import ReferralItem
from app.ui import presenting, theme
from app.ui.looked import Looked
from app.ui.screens.case_cards import chip
from app.ui.screens.package_view import PackageView, counted, tiers_line
from app.ui.screens.paper_deeds import letter
from app.ui.screens.referral_source import due_of, is_waiting
from app.ui.screens.referral_steps import reminder_button, step_buttons
from app.ui.theme import Tone
from app.ui.widgets.basics import Chip, ElidedLabel, button, column, row, text
from app.ui.widgets.entry_card import EntryCard, EntryView
from app.ui.widgets.feedback import EmptyState
from app.ui.widgets.flow import FlowLayout, empty
from app.ui.widgets.timeline import Timeline, TimelineEntry
from app.ui.workplace import Workplace


class ReferralDetail(QFrame):
    """Shows one ReferralPage."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        theme.mark(self, role="card")
        self.place = place
        self.page: ReferralPage | None = None
        self._looked = Looked(place, kind="referral", owner=self)
        self._title = text("", role="heading", wrap=True)
        self._who = ElidedLabel(role="muted")
        chips, deeds = QWidget(), QWidget()
        self._chips, self._deeds = FlowLayout(chips, gap=theme.px(8)), FlowLayout(deeds, gap=theme.px(8))
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName(_("Parts of the referral"))
        self.tabs.tabBar().setAccessibleName(_("Parts of the referral"))
        self._request = _ground()
        self.history = Timeline(name=_("History"))
        self.package = PackageView()
        self.tabs.addTab(_scrolled(self._request, _("Request")), _("Request"))
        self.tabs.addTab(self.history, _("History"))
        self.tabs.addTab(_scrolled(self.package, _("What is shared")), _("What is shared"))
        inner = QWidget()
        inside = column(self._title, self._who, chips, deeds, self.tabs)
        inside.setStretch(4, 1)
        pad = theme.px(16)
        inside.setContentsMargins(pad, theme.px(12), pad, theme.px(12))
        inner.setLayout(inside)
        self._stack = QStackedWidget()
        self._stack.addWidget(
            EmptyState(_("No referral chosen"), icon="referrals", body=_("Choose one in the list to read and answer."))
        )
        self._stack.addWidget(inner)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)

    def show_page(self, page: ReferralPage | None) -> None:
        """Show a referral, or that none is chosen."""
        self.page = page
        self._stack.setCurrentIndex(0 if page is None else 1)
        self._looked.at(page.item.entry.id if page else "")
        if page is None:
            return
        item = page.item
        side = _("To {office}") if item.outgoing else _("From {office}")
        self._title.setText(side.format(office=item.other or presenting.NOTHING))
        self._who.setText(" \u00b7 ".join(p for p in (item.case_number, presenting.victims(item.victims)) if p))
        self._show_chips(page)
        self._show_deeds(item)
        self._show_request(page)
        self.history.show_entries([self._line(step) for step in page.steps])
        self._show_shared(page)

    def _show_chips(self, page: ReferralPage) -> None:
        empty(self._chips)
        item, now = page.item, self.place.now()
        said = [presenting.referral_state(item.state, sent=item.sent)]
        if is_waiting(item):
            due = due_of(item, now)
            said.append(presenting.Said(_("Answer due: {when}").format(when=due.words), due.tone, due.mark))
        for words, tone, sign in map(chip, said):
            self._chips.addWidget(Chip(words, tone=tone, mark=sign))
        if item.outgoing and item.entry["to_office"] is None:
            self._chips.addWidget(Chip(_("Partner works on paper"), tone=Tone.NEUTRAL))
        if not item.sent and item.state not in ("SENT", "NO_ANSWER"):
            self._chips.addWidget(Chip(_("Not sent yet"), tone=Tone.WARN, mark="warning"))
        if item.entry["override_ground"]:
            ground = label("override_ground", item.entry["override_ground"])
            self._chips.addWidget(
                Chip(_("Without consent: {ground}").format(ground=ground), tone=Tone.DANGER, mark="warning")
            )
        if item.late:
            self._chips.addWidget(Chip(_("A step came late"), tone=Tone.WARN, mark="warning"))

    def _show_deeds(self, item: ReferralItem) -> None:
        empty(self._deeds)
        for one in step_buttons(self.place, item, owner=self, done=lambda: None):
            self._deeds.addWidget(one)
        if (remind := reminder_button(self.place, item, owner=self)) is not None:
            self._deeds.addWidget(remind)
        for one in letter(self.place, item):
            self._deeds.addWidget(one)
        if item.case_number:  # what is not shared is not here
            self._deeds.addWidget(
                button(_("Open the case"), clicked=lambda: self.place.go("case", target=item.case_id))
            )

    def _show_request(self, page: ReferralPage) -> None:
        body = self._request.layout()
        assert isinstance(body, QVBoxLayout)
        empty(body)
        entry = page.item.entry
        facts = [
            (_("Urgency"), label("referral_urgency", entry["urgency"])),
            (_("Services asked for"), ", ".join(label("service_type", code) for code in entry["services"] or ())),
            (_("Attention of"), entry["to_person"] or ""),
            (_("Answer due"), format_datetime(entry["due_at"])),
            (_("What is shared"), tiers_line(entry["tiers"])),
            (_("Parts that are shared"), ", ".join(label("package_part", code) for code in entry["parts"] or ())),
            (_("On consent"), _consent_line(page.consent)),
            (_("Shared without consent because"), entry["override"] or ""),
            (_("Entered by"), " \u00b7 ".join(p for p in (entry.made_by, format_datetime(entry.made_at)) if p)),
        ]
        body.addWidget(EntryCard(EntryView(label("referral_reason", entry["reason"]), (), facts)))
        if entry["message"]:
            body.addWidget(EntryCard(EntryView(_("Message"), words=entry["message"])))
        body.addStretch(1)

    def _show_shared(self, page: ReferralPage) -> None:
        item = page.item
        if page.shared:
            self.package.show_package(page.shared)
            self.tabs.setTabToolTip(2, counted(page.shared))
        elif item.outgoing and item.entry["to_office"] is None:
            self.package.say(_("This partner works on paper: hand over the letter of this referral."))
        else:
            self.package.say(_("Nothing of the case is shared any more: the referral is over, or the consent is."))

    def _line(self, step: ReferralStep) -> TimelineEntry:
        said = presenting.referral_state(step.step)
        words = [label("referral_decline_reason", step.reason), label("referral_outcome", step.outcome), step.feedback]
        marks = [
            " ".join(p for p in (_("on paper"), show_date(step.paper_on)) if p) if step.on_paper else "",
            _("came late, changed nothing") if step.late else "",
            "" if step.sent else _("only on this laptop"),
        ]
        when = presenting.when(step.at, self.place.now()) or format_time(step.at)
        meta = " \u00b7 ".join(part for part in (when, step.by, step.office, *marks) if part)
        told = "\n".join(word for word in words if word) or _says(step.step)
        return TimelineEntry(step.id, said.words, told, meta, Tone.WARN if step.late else said.tone)


def _says(step: str) -> str:
    return {
        "SENT": _("The referral was written."),
        "DELIVERED": _("The centre handed it to the other office."),
        "ACCEPTED": _("The other office takes it on."),
        "IN_PROGRESS": _("Work has begun."),
        "WITHDRAWN": _("The sender took it back."),
    }.get(step, label("referral_step", step))


def _consent_line(consent: Entry | None) -> str:
    if consent is None:
        return presenting.NOTHING
    who = label("consent_given_by", consent["given_by"])
    until = show_date(consent["valid_until"])
    shown = [who, format_datetime(consent["decided_at"]), _("until {date}").format(date=until) if until else ""]
    return " \u00b7 ".join(part for part in shown if part)


def _ground() -> QWidget:
    ground = QWidget()
    layout = QVBoxLayout(ground)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(theme.px(8))
    return ground


def _scrolled(inner: QWidget, name: str) -> QScrollArea:
    ground = QWidget()
    theme.mark(ground, role="body")
    holder = row(inner)
    holder.setContentsMargins(0, theme.px(10), theme.px(8), 0)
    ground.setLayout(holder)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setAccessibleName(name)
    area.setWidget(ground)
    return area
