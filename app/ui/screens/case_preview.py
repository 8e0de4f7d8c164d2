"""The chosen case beside the list: what it is and what happened last, in initials."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QStackedWidget, QVBoxLayout, QWidget

from app.errors import NotFound
from app.i18n import _
from app.models.journal import Changes
from app.models.permission import Permission
from app.services.case_page import CasePage, open_page
from app.services.desk import log_view
from app.ui import problems, theme
from app.ui.screens.case_head import CaseHead
from app.ui.screens.case_tabs import CaseTabs
from app.ui.screens.leaving import export_case, refer_case
from app.ui.widgets.basics import button, only_if
from app.ui.widgets.feedback import EmptyState
from app.ui.workplace import Workplace

LOOKED_MS = 1500  # who stays on a case so long has looked at it: that is audited, scrolling past is not


class CasePreview(QFrame):
    """Shows one case, read-only; Enter in the list opens its page."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        theme.mark(self, role="card")
        self.place = place
        self.page: CasePage | None = None
        self._logged: set[str] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(LOOKED_MS)
        self._timer.timeout.connect(self._log)
        self._pdf = button(_("PDF…"), clicked=self.export)
        self._refer = button(_("Refer…"), kind="primary", clicked=self.refer)
        only_if(place.desk.may(Permission.EXPORT), self._pdf)
        only_if(place.desk.may(Permission.REFER), self._refer)
        self.head = CaseHead(place, role="heading", buttons=(self._pdf, self._refer))
        self.tabs = CaseTabs(place)
        case = QWidget()
        inside = QVBoxLayout(case)
        pad = theme.px(16)
        inside.setContentsMargins(pad, theme.px(12), pad, theme.px(12))
        inside.setSpacing(theme.px(8))
        inside.addWidget(self.head)
        inside.addWidget(self.tabs, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(EmptyState(_("No case chosen"), body=_("Choose a case in the list, or make a new one.")))
        self._stack.addWidget(case)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)

    def show_case(self, case_id: str) -> None:
        """Show a case; '' shows that none is chosen."""
        self._timer.stop()
        try:
            self.page = open_page(self.place.desk, case_id) if case_id else None
        except NotFound:
            self.page = None
        self._stack.setCurrentIndex(0 if self.page is None else 1)
        if self.page is not None:
            self.head.show_page(self.page)
            self.tabs.show_page(self.page, names=False)
            if case_id not in self._logged:
                self._timer.start()

    def refresh(self, changes: Changes) -> None:
        """Show the case anew if it changed."""
        if self.page is not None and (self.page.case.id in changes.cases or "person" in changes.kinds):
            self.show_case(self.page.case.id)

    def refer(self) -> None:
        """Refer the victim of this case."""
        if self.page is not None:
            refer_case(self.place, self.page.case.id)

    def export(self) -> None:
        """Make the document of this case."""
        if self.page is not None:
            export_case(self.place, self.page.case.id)

    def _log(self) -> None:
        if self.page is None or not self.isVisible():
            return
        case_id, desk = self.page.case.id, self.place.desk
        self._logged.add(case_id)
        self.place.jobs.run(
            lambda _progress: log_view(desk, case_id), failed=lambda error: problems.show(self, error), owner=self
        )
