"""Lists an office changes: its words reach everything, nothing is lost, and no deadline loses its ground."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from app import i18n
from app.errors import Conflicted, Forbidden, Invalid
from app.models.codelist import codelist, label, shipped
from app.models.journal import Changes
from app.paths import resource
from app.services import care, code_lists
from app.services.case_page import open_page
from app.services.desk import Desk


@pytest.fixture(autouse=True)
def _as_shipped() -> Iterator[None]:
    yield
    code_lists.forget()


@pytest.fixture
def supervisor(as_role: Callable[[str], Desk]) -> Desk:
    """Who may change lists, in a workspace that listens as an open one does."""
    desk = as_role("SUPERVISOR")
    code_lists.watch(desk)
    return desk


def test_an_entry_of_the_office_is_offered_saved_and_said(supervisor: Desk, desk: Desk, case_id: str) -> None:
    code_lists.add_code(supervisor, "note_kind", label_id="Kunjungan sekolah", label_en="School visit")
    (own,) = [code for code in codelist("note_kind").choices() if code.is_own]
    assert own.code == "OWN.KUNJUNGAN_SEKOLAH" and own.label == "Kunjungan sekolah"
    care.add_note(desk, case_id, {"note_kind": own.code, "text": "Bertemu wali kelas."})
    code_lists.rename_code(supervisor, "note_kind", own.code, label_id="Kunjungan ke sekolah", label_en="Visit")
    code_lists.retire_code(supervisor, "note_kind", own.code)
    assert own.code not in {code.code for code in codelist("note_kind").choices()}
    assert own.code in codelist("note_kind"), "what was saved with it stays right"
    assert label("note_kind", own.code) == "Kunjungan ke sekolah"
    with i18n.speaking("en"):
        assert label("note_kind", own.code) == "Visit"
    assert open_page(desk, case_id).notes[-1]["note_kind"] == own.code
    code_lists.offer_code(supervisor, "note_kind", own.code)
    assert own.code in {code.code for code in codelist("note_kind").choices()}


def test_a_shipped_entry_is_renamed_and_retired_but_not_if_a_deadline_stands_on_it(supervisor: Desk) -> None:
    code_lists.rename_code(supervisor, "legal_stage", "SPDP", label_id="SPDP masuk", label_en="SPDP in")
    assert label("legal_stage", "SPDP") == "SPDP masuk"
    with pytest.raises(Conflicted):
        code_lists.retire_code(supervisor, "legal_stage", "SPDP")
    with pytest.raises(Conflicted):  # the rule names the group H
        code_lists.retire_code(supervisor, "service_type", "H.EMERG")
    code_lists.retire_code(supervisor, "legal_stage", "DIVERSION")
    assert "DIVERSION" not in {code.code for code in codelist("legal_stage").choices()}
    assert [c.code for c in codelist("legal_stage").codes] == [c.code for c in shipped("legal_stage").codes]


def test_what_is_refused(supervisor: Desk, desk: Desk) -> None:
    with pytest.raises(Forbidden):
        code_lists.add_code(desk, "note_kind", label_id="x", label_en="x")
    with pytest.raises(Conflicted):
        code_lists.add_code(supervisor, "referral_step", label_id="x", label_en="x")
    with pytest.raises(Conflicted):
        code_lists.retire_code(supervisor, "note_kind", "NO_SUCH")
    for values in ({"label_id": " KUNJUNGAN "}, {"label_id": ""}, {"label_en": ""}, {"label_id": "a\x00b"}):
        with pytest.raises(Invalid):
            code_lists.add_code(supervisor, "note_kind", **{"label_id": "Baru", "label_en": "New", **values})
    assert not [line for line in code_lists.entries("note_kind") if line.is_own]


def test_what_came_by_sync_counts_and_a_closed_workspace_leaves_nothing(supervisor: Desk, desk: Desk) -> None:
    code_lists.add_code(supervisor, "occupation", label_id="Nelayan harian", label_en="Day fisher")
    code_lists.forget()
    assert not [code for code in codelist("occupation").codes if code.is_own]
    supervisor.tell(Changes(frozenset({"code_entry"}), frozenset({"x"})))
    assert [code.label for code in codelist("occupation").codes if code.is_own] == ["Nelayan harian"]


def test_every_list_that_may_be_changed_is_there() -> None:
    for name in code_lists.EDITABLE:
        assert resource("codelists", f"{name}.csv").is_file()
        assert code_lists.entries(name)
