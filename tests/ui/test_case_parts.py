"""The parts of a case on its page: the plan, flags, approvals, consents; each has its dialog, kept as a draft."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app import i18n
from app.i18n import _, ngettext
from app.models.case_parts import PARTS
from app.services import case_parts, consents, drafts, planning, referrals, sharing
from app.services.case_page import open_page
from app.services.case_parts import OWN_WAY
from app.services.desk import Desk
from app.ui.screens.case import CaseView
from tests.conftest import Clock
from tests.ui.conftest import assert_accessible, press, words_in
from tests.ui.test_case_page import dialog_of, page, read, type_into
from tests.ui.test_referrals import agency, wish

__all__ = ["page"]


def test_every_part_is_asked_for_and_a_draft_comes_back(page: CaseView, desk: Desk, qtbot: QtBot) -> None:
    for part in PARTS:
        if part.kind in OWN_WAY:
            continue
        page.deeds.add_part(part.kind)
        assert_accessible(dialog_of(page))
        dialog_of(page).reject()
        assert page.deeds.dialog is None
    page.deeds.add_part("goal")
    type_into(dialog_of(page), "goal", "Tinggal di tempat yang aman")
    page.save_draft()
    qtbot.waitUntil(lambda: [d.form for d in drafts.mine(desk)] == ["case:part:goal"])
    dialog_of(page).restore({})
    dialog_of(page).reject()
    qtbot.waitUntil(lambda: not drafts.mine(desk))


def test_the_plan_says_what_is_late_and_what_nobody_plans(
    page: CaseView, desk: Desk, case_id: str, qtbot: QtBot
) -> None:
    i18n.use("en", "WIB")
    needs = {"risk": "HIGH", "needs": ["MEDICAL", "SHELTER"]}
    case_parts.add_part(desk, case_id, "assessment", needs)
    qtbot.waitUntil(lambda: page.page is not None and len(page.page.parts["assessment"]) == 1)
    assert "Without a goal" in read(page, "plan")
    press(page.tabs, "Make goals from the needs")
    qtbot.waitUntil(lambda: page.page is not None and len(page.page.parts["goal"]) == 2)
    assert page.page is not None
    late = page.page.parts["goal"][0]
    case_parts.change_part(desk, "goal", late.id, {"wanted_by": "2026-11-20"})
    qtbot.waitUntil(lambda: "overdue" in read(page, "plan"))
    assert "Nothing is planned for this goal yet" in read(page, "plan")
    case_parts.add_part(desk, case_id, "service", {"service_type": "H.VISUM", "goal_id": late.id})
    qtbot.waitUntil(lambda: read(page, "plan").count("Nothing is planned for this goal yet") == 1)


def test_a_flag_stands_over_the_case_until_it_is_lowered(
    page: CaseView, desk: Desk, case_id: str, qtbot: QtBot
) -> None:
    case_parts.add_part(desk, case_id, "flag", {"reason": "DANGER", "text": "Dicari perekrut"})
    qtbot.waitUntil(lambda: "Dicari perekrut" in words_in(page.flags))
    assert_accessible(page)
    page.flags.findChildren(QPushButton)[0].click()
    qtbot.waitUntil(lambda: not page.flags.isVisible())


def test_only_a_supervisor_is_offered_to_approve(
    page: CaseView, desk: Desk, case_id: str, as_role: Callable[[str], Desk], qtbot: QtBot
) -> None:
    planning.ask_approval(desk, case_id, "PLAN")
    qtbot.waitUntil(lambda: page.page is not None and len(page.page.parts["approval"]) == 1)
    assert page.page is not None
    asked = page.page.parts["approval"][0]
    assert not page.deeds.for_part(asked)
    desk = page.place.desk
    desk.actor = replace(as_role("SUPERVISOR").actor, user=desk.actor.user)
    page.deeds.for_part(asked)[0].click()
    qtbot.waitUntil(lambda: open_page(desk, case_id).parts["approval"][0]["decision"] == "APPROVED")


def test_the_consents_say_what_stands_until_when_and_what_stands_on_it(
    page: CaseView, desk: Desk, case_id: str, clock: Clock, qtbot: QtBot
) -> None:
    first, girl = open_page(desk, case_id).consents[0].id, open_page(desk, case_id).victims[0].person.id
    until = (desk.today() + timedelta(days=2)).isoformat()
    for recipient in (None, agency(desk, "RSUD")):
        told = {"given_by": "BOTH", "tiers": ["OPEN"], "valid_until": until, "recipient": recipient}
        consents.record_consent(desk, case_id, girl, {"purpose": "SHARE", **told})
    referrals.refer(desk, case_id, wish(desk, case_id, consent_id=first))
    soon = ngettext("Runs out in {n} day", "Runs out in {n} days", 2).format(n=2)
    qtbot.waitUntil(lambda: soon in read(page, "consents"))
    on_it = _("Open referrals on it: {list}").split("{")[0]
    assert f"{on_it}Unit PPA Polrestabes" in read(page, "consents")
    assert _("for {office}").format(office="RSUD Kota Bandung") in read(page, "consents")
    assert_accessible(page)
    sharing.withdraw(desk, first)
    clock.forward(hours=24 * 4)
    page.on_refresh()
    qtbot.waitUntil(lambda: _("Ran out") in read(page, "consents"))
    assert on_it not in read(page, "consents")
