"""Erasing at the centre: tombstones, an emptied past, and what the serving role may do for it and no more."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from app.models.base import Record
from app.models.case_parts import PARTS
from app.models.field import Kind, said_fields, to_ms
from app.models.ids import new_id
from app.wire.messages import RowKind, Status
from tests.central.scene import adding
from tests.centre import CentreUnderTest, Laptop, refusal
from tests.wire_scan import holds

WORKER, CHIEF = new_id(), new_id()
NEEDLE = "Nurhayati-Jarum"
OUT_OF_REACH = (
    "UPDATE feed SET content = ''", "UPDATE batch SET data = ''", "UPDATE incident SET data = ''",
    "DELETE FROM erased", "UPDATE erased SET at = now()", "DELETE FROM record",
)  # fmt: skip


class Erasing:
    """A case of office A about a girl who was referred to B; she, and a suspect, may be in a second case."""

    def __init__(self, centre: CentreUnderTest) -> None:
        self.centre, self.a, self.b = centre, centre.device("A"), centre.device("B")
        self.case, self.other, self.girl, self.budi = new_id(), new_id(), new_id(), new_id()
        self.referral, self.consent, self.note = new_id(), new_id(), new_id()

    def fill(self) -> None:
        """Everything, each value with the needle, and B writes a note of its own into the case."""
        a, b, case, girl = self.a, self.b, self.case, self.girl
        outcomes = a.push(
            a.make("case", record=case, number="3671-26-1", channel="WALK_IN", summary=NEEDLE),
            a.make("person", record=girl, name=NEEDLE), a.make("person", record=self.budi, name="Budi"),
            a.make("party", case=case, person_id=girl, role="VICTIM"),
            a.make("party", case=case, person_id=self.budi, role="SUSPECT"),
            a.make("consent", record=self.consent, case=case, person_id=girl, purpose="SHARE", decision="GIVEN",
                   tiers=adding("OPEN", "CASE", "IDENTIFYING", "NARRATIVE"), given_by="VICTIM", note=NEEDLE),
            a.make("case", record=self.other, number="3671-26-2", channel="WALK_IN"),
            a.make("party", case=self.other, person_id=self.budi, role="SUSPECT"),
            a.make("referral", record=self.referral, case=case, person_id=girl, to_office=b.office, reason="SERVICE",
                   urgency="DAY1", tiers=adding("OPEN", "CASE", "IDENTIFYING", "NARRATIVE"), consent_id=self.consent,
                   message=NEEDLE),
            a.make("referral_event", case=case, referral_id=self.referral, step="SENT", at=to_ms(a.centre.clock())),
        )  # fmt: skip
        assert {outcome.status for outcome in outcomes} == {Status.ACCEPTED}
        b.sync()
        assert b.holds(girl)
        assert b.push(b.make("note", record=self.note, case=case, text=NEEDLE))[0].status is Status.ACCEPTED
        a.sync()
        b.sync()

    def erase(self, laptop: Laptop | None = None, *, subject: str = "", kind: str = "case", **other: Any) -> Any:
        """The whole erasure as one new record; its outcome."""
        laptop, now = laptop or self.a, to_ms(self.centre.clock())
        values = {
            "subject_kind": kind, "subject": subject or self.case, "basis": "REQUEST", "asked_by": "SUBJECT",
            "requested_by": WORKER, "requested_at": now, "decision": "APPROVED", "decided_by": CHIEF,
            "decided_at": now, "executed_at": now, "records": 9, **other,
        }  # fmt: skip
        [outcome] = laptop.push(laptop.make("erasure", **{k: v for k, v in values.items() if v is not None}))
        return outcome

    def found(self) -> list[str]:
        """The tables in which the needle is."""
        names = [name for (name,) in self.centre.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        return sorted(n for n in names if holds(self.centre.sql(f"SELECT * FROM {n}"), NEEDLE))


@pytest.fixture
def scene(centre: CentreUnderTest) -> Erasing:
    made = Erasing(centre)
    made.fill()
    return made


def test_an_erasure_leaves_tombstones_and_nothing_else(scene: Erasing) -> None:
    assert scene.found() == ["batch", "feed", "record"]  # the control
    assert scene.erase().status is Status.ACCEPTED
    assert scene.found() == []
    for laptop in (scene.a, scene.b):
        rows = {row.record.hex(): row for row in laptop.pull()}
        for record in (scene.case, scene.girl, scene.note, scene.referral, scene.consent):
            assert rows[record].row is RowKind.TOMB
            assert rows[record].content == {}
            assert rows[record].reason.startswith("REQUEST ")
        assert not laptop.holds(scene.case)
        prove(laptop)
    assert scene.a.holds(scene.budi)  # he is in another case
    assert not scene.b.holds(scene.budi)


def prove(laptop: Laptop) -> None:
    """The centre confirms that both hold the same."""
    reply = laptop.receipt()
    assert reply.status_code == 200, reply.content


def test_later_work_on_it_is_answered_erased_and_its_bytes_go(scene: Erasing) -> None:
    scene.erase()
    a, b = scene.a, scene.b
    late = [
        a.edit("case", scene.case, base_rev=1, summary=NEEDLE), a.make("note", case=scene.case, text=NEEDLE),
        a.edit("person", scene.girl, base_rev=2, name=NEEDLE), a.make("case", record=scene.case, number="X"),
        a.make("party", case=scene.other, person_id=scene.girl, role="VICTIM"),
    ]  # fmt: skip
    assert [outcome.status for outcome in a.push(*late)] == [Status.ERASED] * 5
    assert b.push(b.edit("note", scene.note, base_rev=1, case=scene.case, text=NEEDLE))[0].status is Status.ERASED
    assert scene.found() == []
    scene.a.pull()
    prove(scene.a)
    again = scene.erase()
    assert again.status is Status.ACCEPTED  # twice is once


def test_a_person_goes_with_her_parts_and_the_case_stays(scene: Erasing) -> None:
    assert scene.erase(subject=scene.girl, kind="person").status is Status.ACCEPTED
    scene.a.pull()
    scene.b.pull()
    assert scene.a.holds(scene.case)
    assert not scene.a.holds(scene.girl)
    assert not scene.a.holds(scene.referral)
    assert not scene.b.holds(scene.case)  # it was shown because of her
    prove(scene.a)
    prove(scene.b)


@pytest.mark.parametrize("kind", ["person", "case"])
def test_every_kind_that_can_be_about_somebody_goes(scene: Erasing, kind: str) -> None:
    """In whatever case it is, also where she has no part: in a case of an entry that was merged into hers."""
    a, girl, match = scene.a, scene.girl, new_id()
    about = [part.record for part in PARTS if hasattr(part.record, "person_id")]
    case = scene.other if kind == "person" else scene.case
    outcomes = a.push(
        *(a.make(made.kind, case=case, person_id=girl, **dict.fromkeys(texts(made), NEEDLE)) for made in about),
        a.make("person_match", record=match, kept=girl, gone=scene.budi, decision="DIFFERENT", chosen=NEEDLE),
        a.make("task", person_id=girl, title=NEEDLE),  # of the office, in no case
    )
    assert {outcome.status for outcome in outcomes} == {Status.ACCEPTED}, outcomes
    assert scene.erase(subject=girl if kind == "person" else case, kind=kind).status is Status.ACCEPTED
    late = a.push(
        a.edit("person_match", match, base_rev=1, undone_at=1),
        a.make("person_match", kept=scene.budi, gone=girl, decision="MERGED", chosen=NEEDLE),
    )
    assert [outcome.status for outcome in late] == [Status.ERASED] * 2
    left = [
        of for table in ("record", "feed")
        for of, content in scene.centre.sql(f"SELECT kind, content FROM {table}") if holds([(content,)], NEEDLE)
    ]  # fmt: skip
    assert set(left) <= ({"case", "note"} if kind == "person" else set())  # the case stays, and what is about nobody
    assert kind == "person" or scene.found() == []
    a.pull()
    prove(a)


def texts(made: type[Record]) -> list[str]:
    """The fields that hold words as they are."""
    return [f.key for f in said_fields(made) if f.kind in (Kind.TEXT, Kind.LONG) and not f.sealed]


def test_what_is_known_of_somebody_who_stays_still_stands(scene: Erasing) -> None:
    scene.erase(subject=scene.other)
    scene.a.pull()
    assert scene.a.holds(scene.budi)
    assert scene.erase().status is Status.ACCEPTED  # now no case needs him
    scene.a.pull()
    assert not scene.a.holds(scene.budi)
    prove(scene.a)


def test_only_the_owner_erases_and_not_alone(scene: Erasing) -> None:
    refused = [
        scene.erase(scene.b), scene.erase(scene.b, subject=scene.girl, kind="person"),
        scene.erase(decided_by=WORKER), scene.erase(decision=None), scene.erase(kind="person"),
        scene.erase(subject="nobody"),
    ]  # fmt: skip
    assert [(o.status, o.code) for o in refused] == [
        (Status.REFUSED, "not_yours"), (Status.REFUSED, "not_yours"), (Status.REFUSED, "four_eyes"),
        (Status.REFUSED, "shape"), (Status.REFUSED, "shape"), (Status.REFUSED, "reference"),
    ]  # fmt: skip
    assert scene.found() == ["batch", "feed", "record"]
    waiting = scene.erase(decision=None, executed_at=None, decided_by=None, decided_at=None, records=None)
    assert waiting.status is Status.ACCEPTED
    assert scene.found() == ["batch", "feed", "record"]


def test_two_people_stand_behind_an_erasure_also_when_it_is_written_in_parts(scene: Erasing) -> None:
    """What was written once is not replaced by a later part: the erasure is judged by what stands in the end."""
    now, alone = to_ms(scene.centre.clock()), {"decided_by": None, "executed_at": None, "decision": None}
    done = {"decision": "APPROVED", "executed_at": now}
    for asked, then in [
        ({"decided_by": None}, {}), ({"requested_by": None}, {}), ({"requested_by": None, "decided_by": None}, {}),
        (alone, {**done, "decided_by": WORKER, "requested_by": CHIEF}),
        (alone, {**done, "decided_by": WORKER}), (alone, done),
        ({**alone, "decision": "REFUSED", "decided_by": CHIEF}, {**done, "decided_by": CHIEF}),
        ({**alone, "subject": scene.other}, {**done, "subject": scene.case, "decided_by": WORKER}),
    ]:  # fmt: skip
        record = new_id()
        first = scene.erase(**asked, record=record)
        if then:
            assert first.status is Status.ACCEPTED
            [outcome] = scene.a.push(scene.a.edit("erasure", record, base_rev=first.rev, **then))
            assert outcome.status is Status.REFUSED, (asked, then)
        else:
            assert (first.status, first.code) == (Status.REFUSED, "four_eyes"), asked
    assert scene.found() == ["batch", "feed", "record"]


def test_work_and_erasure_in_one_batch_leave_nothing(scene: Erasing) -> None:
    a, now = scene.a, to_ms(scene.centre.clock())
    wish = a.make(
        "erasure", subject_kind="case", subject=scene.case, basis="COURT", asked_by="COURT", requested_by=WORKER,
        decision="APPROVED", decided_by=CHIEF, executed_at=now,
    )  # fmt: skip
    outcomes = a.push(
        a.make("note", case=scene.case, text=NEEDLE), a.edit("case", scene.case, base_rev=1, summary=NEEDLE + "2"), wish
    )
    assert outcomes[2].status is Status.ACCEPTED
    assert scene.found() == []
    scene.a.pull()
    prove(scene.a)


def test_the_serving_role_empties_what_is_registered_and_nothing_else(scene: Erasing) -> None:
    before = scene.centre.sql("SELECT scope, seq, content FROM feed ORDER BY 1, 2")
    with psycopg.connect(scene.centre.url_of["naungan_app"], autocommit=True) as app:
        with pytest.raises(psycopg.errors.UndefinedObject):
            app.execute("SELECT forget_feed()")
        app.execute("SELECT set_config('naungan.scope', %s, false)", (scene.a.office,))
        assert app.execute("SELECT forget_feed()").fetchone() == (0,)
        [(device, n, digest)] = scene.centre.sql("SELECT device, n, digest FROM batch WHERE scope = %s", scene.a.office)
        assert app.execute("SELECT forget_bytes(%s, %s, %s)", (device, n, digest)).fetchone() == (0,)
        for statement in OUT_OF_REACH:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(statement)  # type: ignore[call-overload]
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            app.execute("INSERT INTO erased VALUES (%s, %s, %s, now())", (scene.b.office, scene.case, scene.case))
        assert scene.centre.sql("SELECT scope, seq, content FROM feed ORDER BY 1, 2") == before
        app.execute("INSERT INTO erased VALUES (%s, %s, %s, now())", (scene.a.office, scene.case, scene.case))
        assert app.execute("SELECT forget_feed()").fetchone()[0] > 0  # type: ignore[index]
        scene_b = scene.centre.sql("SELECT device, n, digest FROM batch WHERE scope = %s LIMIT 1", scene.b.office)
        assert app.execute("SELECT forget_bytes(%s, %s, %s)", scene_b[0]).fetchone() == (0,)  # another office's
    after = scene.centre.sql("SELECT scope, seq, content FROM feed ORDER BY 1, 2")
    changed = [old[:2] for old, new in zip(before, after, strict=True) if old != new]
    stood = scene.centre.sql("SELECT scope, seq FROM feed WHERE scope = %s AND record = %s", scene.a.office, scene.case)
    assert sorted(changed) == sorted(stood)


def test_a_segment_kept_for_a_resume_is_not_served_when_it_holds_what_was_erased(scene: Erasing) -> None:
    b = scene.b
    path = f"/v1/feeds/{b.office}"
    old = b.ask("GET", path, params={"cursor": ""})
    match = {"If-Match": f'"{old.headers["Naungan-Segment"]}"'}
    assert b.ask("GET", path, params={"cursor": "", "offset": 10}, headers=match).status_code == 200
    scene.erase()
    assert b.ask("GET", path, params={"cursor": "", "offset": 10}, headers=match).status_code == 412


def test_a_fork_that_comes_after_an_erasure_leaves_no_bytes_of_it(scene: Erasing) -> None:
    a = scene.a
    other = a.seal(a.make("note", case=scene.case, text=NEEDLE), n=1)
    harmless = a.seal(a.make("person", name="Orang lain"), n=1)
    scene.erase()
    for data in (other, harmless):
        assert refusal(a.put(data, n=1)) == (409, "fork")
    assert scene.found() == []
    kept = scene.centre.sql("SELECT length(data) FROM incident WHERE code = 'fork' ORDER BY 1")
    assert kept == [(0,), (len(harmless),)]


def test_a_segment_kept_for_a_resume_is_not_served_when_it_holds_what_left_since(scene: Erasing) -> None:
    b = scene.b
    path = f"/v1/feeds/{b.office}"
    old = b.ask("GET", path, params={"cursor": ""})
    match = {"If-Match": f'"{old.headers["Naungan-Segment"]}"'}
    edit = scene.a.edit("case", scene.case, base_rev=1, summary="lain")
    assert scene.a.push(edit)[0].status is Status.ACCEPTED
    assert b.ask("GET", path, params={"cursor": "", "offset": 10}, headers=match).status_code == 200, "old, no more"
    taken_back = scene.a.make(
        "consent", case=scene.case, person_id=scene.girl, purpose="SHARE", decision="WITHDRAWN",
        withdraws=scene.consent, given_by="SELF",
    )  # fmt: skip
    assert scene.a.push(taken_back)[0].status is Status.ACCEPTED
    assert b.ask("GET", path, params={"cursor": "", "offset": 10}, headers=match).status_code == 412
    assert b.ask("GET", path, params={"cursor": "", "offset": "9" * 5000}, headers=match).status_code == 400


def test_the_functions_that_empty_see_no_table_but_their_own(scene: Erasing) -> None:
    """Called with tables, operators and arguments of an attacker's making, by the serving role and by others."""
    office = scene.a.office
    before = scene.centre.sql("SELECT scope, seq, content FROM feed ORDER BY 1, 2")
    with psycopg.connect(scene.centre.url_of["naungan_app"], autocommit=True) as app:
        app.execute("SELECT set_config('naungan.scope', %s, false)", (office,))
        app.execute("SET search_path = pg_temp, public, pg_catalog")
        for table in ("erased", "feed", "batch", "incident", "record", "placement"):
            app.execute(f"CREATE TEMP TABLE {table} AS SELECT * FROM public.{table} LIMIT 0")  # type: ignore[call-overload]
        app.execute("INSERT INTO pg_temp.erased SELECT %s, record, record, now() FROM public.feed", (office,))
        app.execute(
            "INSERT INTO pg_temp.placement SELECT scope, record, kind, 'L', 1, 1, '', scope FROM public.placement"
        )
        app.execute("CREATE FUNCTION pg_temp.always(uuid, uuid) RETURNS boolean LANGUAGE sql AS 'SELECT true'")
        app.execute("CREATE OPERATOR pg_temp.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = pg_temp.always)")
        assert app.execute("SELECT public.forget_feed()").fetchone() == (0,)
        assert app.execute("SELECT public.let_go_of_moved()").fetchone() == (0,)
        for arguments in ((None, None, None), (scene.a.id, -1, b""), (scene.b.id, 1, b"\x00")):
            assert app.execute("SELECT public.forget_bytes(%s, %s, %s)", arguments).fetchone() == (0,)
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            app.execute("SELECT set_config('naungan.scope', 'x', false), public.forget_feed()")
    assert scene.centre.sql("SELECT scope, seq, content FROM feed ORDER BY 1, 2") == before
    rights = scene.centre.sql(
        "SELECT p.proname, r.rolsuper OR r.rolbypassrls, has_function_privilege('public', p.oid, 'EXECUTE')"
        " FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner WHERE p.prosecdef ORDER BY 1"
    )
    assert rights == [("forget_bytes", False, False), ("forget_feed", False, False), ("let_go_of_moved", False, False)]
