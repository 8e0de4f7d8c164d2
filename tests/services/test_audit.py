"""The audit: complete, readable without a code in it, and whole or said not to be, to the very link."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from app import context as contexts
from app.context import Context
from app.errors import Forbidden, ReadOnly, WrongPassword
from app.models.local import AuditEntry
from app.services import audit_check, audit_log, audit_words
from app.services.audit_log import AuditQuery
from app.services.case_page import open_page
from app.services.desk import Desk, log_view
from app.services.exports import Order, preview
from app.services.freshness import accept_older
from app.services.intake import take
from app.services.users import add_user, change_password
from app.vault.anchor import Anchor, read_anchor, write_anchor
from app.vault.chain import Head
from app.vault.workspace import Vault, Workspace
from tests.conftest import Clock
from tests.worlds import PASSWORD, intake

NEW = "gunung sungai kapas lentera"


@pytest.fixture
def chief(as_role: Callable[[str], Desk]) -> Desk:
    return as_role("SUPERVISOR")


def said(chief: Desk, **asked: object) -> list[str]:
    return [line.action for line in audit_log.rows(chief, audit_log.seqs(chief, AuditQuery(**asked)))]  # type: ignore[arg-type]


def test_only_who_may_reads_it_and_everybody_may_check_it(
    as_role: Callable[[str], Desk], workspace: Workspace, case_id: str
) -> None:
    for role in ("SOCIAL_WORKER", "PARTNER", "SECRETARY", "ADMIN"):
        for ask in (audit_log.lines, audit_log.people, audit_log.devices):
            with pytest.raises(Forbidden):
                ask(as_role(role))
        assert audit_check.check(as_role(role), workspace).whole
    assert audit_log.lines(as_role("SUPERVISOR"))


def test_entries_are_found_by_case_worker_group_and_day(chief: Desk, desk: Desk, clock: Clock, case_id: str) -> None:
    other = take(desk, intake()).id
    clock.forward(days=2)
    log_view(desk, case_id)
    preview(desk, case_id, Order(profile="INTERNAL"))
    number = open_page(desk, case_id).row.number
    about = audit_log.rows(chief, audit_log.seqs(chief, AuditQuery(number=number)))
    assert {line.number for line in about} == {number} and {line.case_id for line in about} == {case_id}
    assert {"person", "consent", "screening"} <= {line.kind for line in about}
    assert said(chief, number=number, since=desk.today()) == ["preview", "view"]
    assert said(chief, group="exports") == ["preview"]
    assert set(said(chief, group="entries")) == {"create"}
    assert said(chief, user="nobody") == [] == said(chief, device="0" * 32) == said(chief, number="%")
    assert len(said(chief, user=desk.actor.user)) == len(said(chief))
    assert other not in {line.case_id for line in about}
    newest = audit_log.seqs(chief, AuditQuery(), limit=3)
    assert audit_log.seqs(chief, AuditQuery(before=newest[-1]), limit=1) == [newest[-1] - 1]


def test_every_sentence_is_for_people(chief: Desk, desk: Desk, case_id: str) -> None:
    log_view(desk, case_id)
    preview(desk, case_id, Order(profile="INTERNAL"))
    for line in audit_log.lines(chief):
        told = [line.sentence, *line.labels]
        assert all(told) and line.who == "Siti Rahma"
        assert not [word for word in told if "_" in word or "{" in word or word in (line.action, line.kind)]
        assert not set(line.labels) & set(line.fields)
    exported = next(line for line in audit_log.lines(chief) if line.action == "preview")
    assert len(exported.labels) > 10
    for action in {a for _words, actions in audit_words.GROUPS.values() for a in actions}:
        known = action.rstrip("-") in audit_words.SENTENCES or action == "failed_sign_ins"
        assert known, f"the group speaks of {action}, for which there is no sentence"


def test_sign_ins_and_wrong_passwords_are_entries(desk: Desk, workspace: Workspace, vault: Vault, clock: Clock) -> None:
    workspace.close()
    for _try in range(2):
        with pytest.raises(WrongPassword):
            contexts.unlock(workspace.directory, login="siti", password="salah sekali ini", now=clock, vault=vault)
    opened = contexts.unlock(workspace.directory, login="siti", password=PASSWORD, now=clock, vault=vault)
    with opened.desk.read() as session:
        last = session.query(AuditEntry).order_by(AuditEntry.seq.desc()).limit(2).all()
    assert [(e.action, e.fields) for e in last] == [("sign_in", ""), ("failed_sign_ins", "2")]
    opened.close()
    again = contexts.unlock(workspace.directory, login="siti", password=PASSWORD, now=clock, vault=vault)
    with again.desk.read() as session:
        assert session.query(AuditEntry).filter_by(action="failed_sign_ins").count() == 1
    again.close()


def test_what_is_done_to_workers_is_audited(chief: Desk, desk: Desk, workspace: Workspace) -> None:
    saved = add_user(chief, workspace, login="dewi", name="Dewi", role="PARTNER", password=NEW)
    change_password(desk, workspace, old=PASSWORD, new="padi bukit laut awan")
    assert said(chief)[:2] == ["change_password", "create"]
    assert audit_log.lines(chief, limit=2)[1].record == saved.id


@pytest.mark.parametrize(("harm", "seq", "missing"), [
    ("UPDATE audit SET fields = 'name' WHERE seq = 3", 3, False),
    ("UPDATE audit SET at = at + 1 WHERE seq = 2", 2, False),
    ("DELETE FROM audit WHERE seq = 4", 4, True),
    ("DELETE FROM audit WHERE seq = 1", 1, True),
])  # fmt: skip
def test_a_broken_chain_is_named_by_its_link(
    workspace: Workspace, desk: Desk, case_id: str, harm: str, seq: int, missing: bool
) -> None:
    with workspace.engine.begin() as connection:
        connection.execute(text(harm))
    found = audit_check.check(desk, workspace)
    assert not found.whole and found.whole_to == seq - 1
    assert str(seq) in found.problems[0]
    assert found.problems[:1] == audit_check.verify(desk)  # the anchor misses the first one, too
    assert ("hilang" in found.problems[0] or "missing" in found.problems[0]) == missing


def test_a_chain_that_was_cut_is_held_against_the_anchor(workspace: Workspace, desk: Desk, case_id: str) -> None:
    workspace.anchor()
    last = audit_check.check(desk, workspace)
    assert last.whole and last.anchored == last.links
    with workspace.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit WHERE seq = :n"), {"n": last.links})
    assert audit_check.verify(desk) == (), "by itself a chain that was cut is whole"
    found = audit_check.check(desk, workspace)
    assert len(found.problems) == 1 and str(last.links) in found.problems[0]


def test_without_the_countersigned_link_the_data_is_older(
    workspace: Workspace, desk: Desk, chief: Desk, case_id: str, vault: Vault, clock: Clock
) -> None:
    links = audit_check.check(desk, workspace).links
    with desk.read() as session:
        h = session.get_one(AuditEntry, links).h
    workspace.freshness.countersigned(Head(links, h))
    assert workspace.stale == ""
    workspace.close()
    anchor = read_anchor(workspace.directory, keys=_keys(workspace, vault, clock))
    assert anchor is not None and anchor.signed == Head(links, h), "kept over a restart"
    with vault.unlock(workspace.directory, login="siti", password=PASSWORD, now=clock) as opened:
        assert opened.stale == ""
        opened.freshness.countersigned(Head(links + 5, b"x" * 32))
        assert opened.stale
        context = Context(opened, Desk(opened.engine, chief.actor, clock), clock)
        with pytest.raises(ReadOnly):
            take(context.desk, intake())
        accept_older(context.desk, opened, "the centre was restored")
        assert opened.stale == ""


def test_the_anchor_alone_remembers_what_was_countersigned(
    workspace: Workspace, desk: Desk, case_id: str, vault: Vault, clock: Clock
) -> None:
    """The receipt lies in the database, which may be older as a whole; the chain of that day follows from itself."""
    workspace.close()
    with vault.unlock(workspace.directory, login="siti", password=PASSWORD, now=clock) as opened:
        keys, anchor = opened.keys, read_anchor(opened.directory, keys=opened.keys)
        assert anchor is not None
        told = Anchor(anchor.key_file, anchor.head, anchor.at, "", Head(anchor.head.seq + 7, b"y" * 32))
        write_anchor(opened.directory, told, keys=keys)
        opened.freshness.behind = False
        opened.freshness.doubt = object()  # type: ignore[assignment]  # leaves the anchor alone
    with vault.unlock(workspace.directory, login="siti", password=PASSWORD, now=clock) as opened:
        assert opened.stale


def test_an_anchor_of_the_first_version_still_counts(
    workspace: Workspace, case_id: str, vault: Vault, clock: Clock
) -> None:
    workspace.close()
    with vault.unlock(workspace.directory, login="siti", password=PASSWORD, now=clock) as opened:
        anchor = read_anchor(opened.directory, keys=opened.keys)
        assert anchor is not None
        old = Anchor(anchor.key_file, anchor.head, anchor.at, version=1)
        write_anchor(opened.directory, old, keys=opened.keys)
        assert b"signed" not in (opened.directory / "anchor").read_bytes()
        assert read_anchor(opened.directory, keys=opened.keys) == old


def _keys(workspace: Workspace, vault: Vault, clock: Clock):  # type: ignore[no-untyped-def]
    opened = vault.unlock(workspace.directory, login="siti", password=PASSWORD, now=clock)
    kept = opened.keys
    opened.device.forget()
    opened.engine.dispose()
    opened._lock.release()
    return kept
