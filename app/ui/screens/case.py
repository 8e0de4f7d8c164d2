"""One case: who and what, what comes next, and everything that happened, under tabs."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app.errors import NotFound
from app.i18n import N_, _
from app.models.journal import Changes
from app.models.permission import Permission
from app.services import drafts
from app.services.case_page import CasePage, open_page
from app.services.desk import log_view
from app.services.drafts import SavedDraft
from app.ui import icons, presenting, problems, theme
from app.ui.screens.case_asking import DRAFT
from app.ui.screens.case_deeds import CaseDeeds
from app.ui.screens.case_head import CaseHead
from app.ui.screens.case_tabs import CaseTabs
from app.ui.screens.erasure import request_erasure
from app.ui.screens.leaving import export_case, refer_case
from app.ui.screens.network_band import SuspectBands
from app.ui.screens.oversight_deeds import FlagBands
from app.ui.screens.part_dialogs import PART
from app.ui.screens.transfers import hand_over
from app.ui.theme import Tone
from app.ui.widgets.basics import Card, button, only_if, row
from app.ui.widgets.feedback import Banner, EmptyState
from app.ui.workplace import Workplace

TABS_HEIGHT = 300  # with a large font on a small screen the page scrolls rather than squeeze them


class CaseScreen:
    """A case, reached from the list."""

    name, title, icon, section = "case", N_("Case"), "cases", ""
    permission = Permission.READ

    def build(self, context: Any) -> QWidget:
        """The page, newly made."""
        return CaseView(context)


class CaseView(QWidget):
    """`open(case_id)` shows a case."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        theme.mark(self, role="page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.place = place
        self.page: CasePage | None = None
        self.deeds = CaseDeeds(place, widget=self)
        self._more = button(_("More"), clicked=self._show_more)
        only_if(place.desk.may(Permission.WRITE_CASE), self._more)
        pdf = button(_("PDF…"), icon=icons.icon("pdf"), clicked=self.on_pdf)
        only_if(place.desk.may(Permission.EXPORT), pdf)
        refer = button(_("Refer…"), kind="primary", clicked=self.on_new_referral)
        only_if(place.desk.may(Permission.REFER), refer)
        self.head = CaseHead(place, role="title", buttons=(self._more, pdf, refer))
        self.flags = FlagBands(self.deeds)
        self.suspects = SuspectBands(place)
        self.tabs = CaseTabs(place, deeds=self.deeds)
        self._bands = QVBoxLayout()
        self._stack = QStackedWidget()
        self._stack.addWidget(
            EmptyState(_("No case is open"), action=button(_("To the cases"), clicked=lambda: place.go("cases")))
        )
        self._stack.addWidget(self._case())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self._bands)
        layout.addWidget(self._stack, 1)

    def open(self, target: Any) -> None:
        """Show this case, and note in the audit that it was looked at."""
        try:
            self._show(open_page(self.place.desk, str(target)))
        except NotFound as error:
            self._stack.setCurrentIndex(0)
            problems.show(self, error)
            return
        self.tabs.go("timeline")
        desk = self.place.desk
        self.place.jobs.run(
            lambda _progress: log_view(desk, str(target)), failed=lambda e: problems.show(self, e), owner=self
        )
        self._offer_drafts()

    def refresh(self, changes: Changes) -> None:
        """Show the case anew if it, or somebody in it, changed."""
        if self.page is not None and (self.page.case.id in changes.cases or {"person", "conflict"} & changes.kinds):
            self.on_refresh()

    def on_refresh(self) -> None:
        """Read the case again; one that left this laptop says so."""
        if self.page is not None:
            try:
                self._show(open_page(self.place.desk, self.page.case.id))
            except NotFound as error:
                self.page = self.deeds.page = None
                self._stack.setCurrentIndex(0)
                problems.show(self, error)

    def on_pdf(self) -> None:
        """Ctrl+P."""
        if self.page is not None:
            export_case(self.place, self.page.case.id)

    def on_new_referral(self) -> None:
        """Ctrl+Shift+N."""
        if self.page is not None:
            refer_case(self.place, self.page.case.id)

    def show_network(self) -> None:
        """Who in this case is in other cases too, and who shares a telephone or an account."""
        if self.page is not None:
            self.place.go("network", target=self.page.case.id)

    def save_draft(self) -> None:
        """Keep what stands in an open dialog."""
        self.deeds.save_draft()

    def _show(self, page: CasePage) -> None:
        self.page = self.deeds.page = page
        self.head.show_page(page)
        self.flags.show_page(page)
        self.suspects.show_page(page)
        self.tabs.show_page(page, names=True)
        self._stack.setCurrentIndex(1)

    def _case(self) -> QWidget:
        ground = QWidget()
        theme.mark(ground, role="page")
        back = button(_("Cases"), kind="quiet", icon=icons.icon("cases", colour="accent"))
        back.clicked.connect(lambda: self.place.go("cases"))
        card = Card()
        card.body.addWidget(self.tabs)
        card.setMinimumHeight(theme.px(TABS_HEIGHT))
        layout = QVBoxLayout(ground)
        layout.setContentsMargins(theme.px(22), theme.px(12), theme.px(22), theme.px(18))
        layout.setSpacing(theme.px(10))
        network = button(_("Network"), kind="quiet", icon=icons.icon("network", colour="accent"))
        network.clicked.connect(self.show_network)
        layout.addLayout(row(back, None, network))
        layout.addWidget(self.head)
        layout.addWidget(self.flags)
        layout.addWidget(self.suspects)
        layout.addWidget(card, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(ground)
        return area

    def _show_more(self) -> None:
        if self.page is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(_("Edit the case…")).triggered.connect(lambda: self.deeds.edit())
        menu.addAction(_("New note…")).triggered.connect(lambda: self.deeds.add_note())
        menu.addSeparator()
        closed = self.page.row.status == "CLOSED"
        words, act = (
            (_("Reopen the case"), self.deeds.reopen) if closed else (_("Close the case…"), self.deeds.close_case)
        )
        action = menu.addAction(words)
        action.setEnabled(self.page.own and self.place.desk.may(Permission.CLOSE_CASE))
        action.triggered.connect(lambda: act())
        erase = menu.addAction(_("Request erasure…"))
        erase.setEnabled(self.page.own and self.place.desk.may(Permission.REQUEST_ERASURE))
        case_id = self.page.case.id
        over = menu.addAction(_("Hand over the case…"))
        over.setEnabled(self.page.own and self.place.desk.may(Permission.HAND_OVER))
        over.triggered.connect(lambda: hand_over(self.place, case_id, owner=self))
        erase.triggered.connect(lambda: request_erasure(self.place, case_id))
        menu.popup(self._more.mapToGlobal(QPoint(0, self._more.height())))

    def _offer_drafts(self) -> None:
        """One question for what was left open here: restore or discard; it can wait."""
        while (item := self._bands.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        for draft in drafts.mine(self.place.desk):
            if self.page is not None and draft.record == self.page.case.id and draft.form.startswith(DRAFT):
                self._bands.addWidget(self._band(draft))

    def _band(self, draft: SavedDraft) -> Banner:
        when = presenting.when(draft.saved_at, self.place.now())
        kind = draft.form.removeprefix(DRAFT).removeprefix(PART).partition(":")[0]
        words = _("An entry that was not saved: {kind}, {when}").format(kind=presenting.kind_of(kind).words, when=when)
        buttons = QWidget()
        restore = button(_("Restore"), kind="primary")
        discard = button(_("Discard"))
        buttons.setLayout(row(restore, discard))
        band = Banner(words, tone=Tone.WARN)
        inside = band.layout()
        assert inside is not None
        inside.addWidget(buttons)
        restore.clicked.connect(lambda: self._take_draft(draft, band, restore=True))
        discard.clicked.connect(lambda: self._take_draft(draft, band, restore=False))
        return band

    def _take_draft(self, draft: SavedDraft, band: Banner, *, restore: bool) -> None:
        desk = self.place.desk
        band.hide()
        self.place.jobs.run(lambda _progress: drafts.discard(desk, draft.id), owner=self)
        if restore:
            self.deeds.restore(draft)
