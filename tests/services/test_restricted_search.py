"""The search in sealed words: who finds what, and an index that is missing, damaged, foreign or left behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest

from app.context import Context
from app.errors import KnownError
from app.services import case_list, parties
from app.services.attachments import add
from app.services.care import add_service
from app.services.case_list import CaseQuery
from app.services.case_page import open_page
from app.services.desk import Desk
from app.services.intake import take
from app.services.users import add_user, remove_user, set_cleared
from app.vault import cipher
from app.vault.keys import Keys
from app.vault.restricted_index import INDEX, RestrictedIndex
from app.vault.workspace import Vault, Workspace
from tests.worlds import GIRL, PASSWORD, intake

HEALTH, PLACE, TITLE = "nadelstichverletzung", "wisma nadelort", "visum nadelbild"


@pytest.fixture
def context(workspace: Workspace, desk: Desk, clock) -> Iterator[Context]:
    made = Context(workspace, desk, clock)
    made.desk.search.make_whole()
    yield made
    if not workspace.keys.wiped:
        made.desk.search.close()


@pytest.fixture
def sealed_case(context: Context) -> str:
    case_id = take(context.desk, intake(victim={**GIRL, "health": HEALTH, "disability": ["PHYSICAL"]})).id
    add_service(context.desk, case_id, {"service_type": "H.VISUM", "place": PLACE})
    add(context.desk, case_id, TITLE, b"%PDF-1.7")
    return case_id


def found(desk: Desk, words: str) -> int:
    return len(case_list.ids(desk, CaseQuery(text=words)))


@pytest.mark.parametrize("words", [HEALTH, "nadelort", "nadelbild", "nadelst", "Sitti"])
def test_a_cleared_user_finds_sealed_words_as_soon_as_they_are_saved(context, sealed_case, words):
    take(context.desk, intake(victim={**GIRL, "name": "Lain"}))
    assert found(context.desk, words) == 1


def test_what_is_not_there_any_more_is_not_found(context, sealed_case):
    person = open_page(context.desk, sealed_case).victims[0].person.id
    parties.change_person(context.desk, person, {"health": "sembuh"})
    assert (found(context.desk, HEALTH), found(context.desk, "sembuh")) == (0, 1)


def test_who_is_not_cleared_finds_nothing_sealed_and_never_touches_the_index(context, sealed_case, monkeypatch):
    colleague = replace(context.desk, keyring=None, search=None)
    monkeypatch.setattr(RestrictedIndex, "find", None)
    assert (found(colleague, HEALTH), found(colleague, "Sitti")) == (0, 1)


def test_the_file_is_sealed_and_opens_under_the_restricted_key_alone(context, sealed_case, workspace):
    context.desk.search.close()
    held = (workspace.directory / INDEX).read_bytes()
    assert b"nadel" not in held and not held.startswith(b"SQLite")
    other = RestrictedIndex(workspace.directory, keys=Keys.generate(workspace.vault_id))
    assert other.find("nadel*", most=9) == (), "another key's owner starts with an empty one"
    other.close()


def reopened(workspace: Workspace, vault: Vault, clock) -> Workspace:
    return vault.unlock(workspace.directory, login="siti", password=PASSWORD, now=clock)


@pytest.mark.parametrize("step", ["as it was", "missing", "damaged", "empty", "plain", "killed"])
def test_it_is_read_anew_when_it_cannot_be_relied_on(context, sealed_case, workspace, vault, clock, step):
    path = workspace.directory / INDEX
    if step != "killed":
        context.desk.search.close()
    held = path.read_bytes()
    told = {"damaged": bytes(len(held)), "empty": b"", "plain": b"SQLite format 3\x00" + bytes(5_000)}
    if step == "missing":
        path.unlink()
    elif step in told:
        path.write_bytes(told[step])
    workspace.close()
    with reopened(workspace, vault, clock) as again:
        other = Context(again, replace(context.desk, engine=again.engine, keyring=None, search=None), clock)
        assert other.desk.search.whole is (step == "as it was")
        other.desk.search.make_whole()
        assert other.desk.search.whole and found(other.desk, HEALTH) == 1
        other.desk.search.close()


def test_work_done_without_the_index_is_read_into_it(context, sealed_case, workspace, vault, clock):
    context.desk.search.close()
    take(replace(context.desk, search=None), intake(victim={**GIRL, "name": "Baru", "health": "kolera"}))
    workspace.close()
    with reopened(workspace, vault, clock) as again:
        other = Context(again, replace(context.desk, engine=again.engine, keyring=None, search=None), clock)
        assert not other.desk.search.whole
        other.desk.search.make_whole()
        assert found(other.desk, "kolera") == 1
        other.desk.search.close()


def test_damage_while_it_is_open_costs_a_search_and_no_save(context, sealed_case, workspace):
    (workspace.directory / INDEX).write_bytes(bytes(8192))
    for suffix in ("-wal", "-shm"):
        (workspace.directory / (INDEX + suffix)).unlink(missing_ok=True)
    found(context.desk, HEALTH)
    take(context.desk, intake(victim={**GIRL, "name": "Baru", "health": "kolera"}))
    assert found(context.desk, "Baru") == 1


@pytest.mark.parametrize("deed", ["withdrawn", "removed"])
def test_after_somebody_lost_their_clearance_their_key_opens_no_index(context, sealed_case, workspace, deed):
    desk = context.desk
    desk.actor = replace(desk.actor, role="SUPERVISOR")
    gone = add_user(desk, workspace, login="dewi", name="Dewi", role="SUPERVISOR", password=PASSWORD, cleared=True).id
    old = Keys(bytearray(workspace.restricted.bare()), vault_id=workspace.vault_id)

    def opens() -> bool:
        with old.derived(INDEX) as key, suppress(KnownError):
            cipher.connect(workspace.directory / INDEX, key=key).close()
            return True
        return False

    assert opens(), "the control: until then it does"
    if deed == "withdrawn":
        set_cleared(desk, workspace, gone, cleared=False)
    else:
        remove_user(desk, workspace, gone)
    assert not opens()
    assert found(desk, HEALTH) == 1 and desk.search.whole
