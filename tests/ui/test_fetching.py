"""One file fetched from the case page, while all the others wait."""

from __future__ import annotations

import shutil

from pytestqt.qtbot import QtBot

from app.context import Context
from app.i18n import _, format_bytes
from app.services import attachments, case_list
from app.services.case_list import CaseQuery
from app.sync.loop import run
from app.ui.screens.attachments import FetchButton
from app.ui.screens.case import CaseView
from app.vault.attachments import ATTACHMENTS
from tests.centre import centre, postgres
from tests.sync.proxy import Link
from tests.ui.conftest import press, words_in
from tests.ui.test_sync_panel import enrolled, laptop, link, window
from tests.ui.test_sync_panel import view as panel

__all__ = ["centre", "enrolled", "laptop", "link", "panel", "postgres", "window"]


def test_a_file_that_is_not_here_is_fetched_where_it_stands(
    panel: object, enrolled: Context, link: Link, qtbot: QtBot
) -> None:
    desk, place = enrolled.desk, panel.place  # type: ignore[attr-defined]
    [case] = case_list.rows(desk, case_list.ids(desk, CaseQuery()))
    assert case is not None
    attachments.add(desk, case.id, "Tiket", b"%PDF-1.4\n%%EOF\n\n")
    with enrolled.transport() as transport:
        assert run(enrolled.sync_setup(), transport).green
    shutil.rmtree(enrolled.workspace.directory / ATTACHMENTS)
    view = place.go("case", target=case.id)
    assert isinstance(view, CaseView)
    view.tabs.go("attachments")
    qtbot.waitUntil(lambda: place.jobs.idle)
    words = _("Fetch now, {size}").format(size=format_bytes(16))
    qtbot.waitUntil(lambda: words in words_in(view.tabs))
    link.mend(cut_at=100)
    press(view.tabs, words)
    qtbot.waitUntil(lambda: place.jobs.idle and words in words_in(view.tabs), timeout=20_000)  # it can be tried again
    assert not attachments.is_here(desk, view.page.attachments[0])  # type: ignore[union-attr]
    link.mend()
    press(view.tabs, words)
    qtbot.waitUntil(lambda: _("Open") in words_in(view.tabs).split("\n"), timeout=20_000)
    assert not view.tabs.findChildren(FetchButton)
