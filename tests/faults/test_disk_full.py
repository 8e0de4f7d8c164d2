"""No room left: on the laptop at any page, at the centre in the folder of uploads and in every table it writes."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.errors import DiskFull
from app.models.ids import new_id
from app.wire.batch import digest_of
from app.wire.messages import BatchResult, Status
from tests.attacks import Survived, Tries
from tests.central.scene import check_proof, scene_of
from tests.central.test_uploads import many
from tests.centre import CentreUnderTest, read, refusal
from tests.sync.country import Country, new_case
from tests.sync.test_broken_links import agree, write

PAGE = 4_096
FULL = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION full_disk();
"""
TABLES = ("batch", "record", "feed", "placement", "scope", "device", "via", "delivery")


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """Inside the block no file of this process grows beyond so many bytes: the kernel refuses, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_laptop_whose_disk_is_full_at_any_page_of_a_sync_loses_nothing(
    country: Country, tries: Tries, survived: Survived
) -> None:
    one, two = country.laptop("a1"), country.laptop("a2")
    case_id = new_case(one)
    country.settle(one, two)
    room, full, ended = 0, 0, False
    step = tries(ci=12, full=1)
    while not ended:
        write(one, case_id, size=20_000)
        write(two, case_id, size=20_000)
        assert country.sync(two).green
        log = one.workspace.database.with_name(one.workspace.database.name + "-wal")
        with no_file_beyond((log.stat().st_size if log.exists() else 0) + room * PAGE):
            report = country.sync(one)
        assert report.problem is None or isinstance(report.problem, DiskFull), report.problem
        full, room, ended = full + (report.problem is not None), room + step, report.green
    assert full > 0
    agree(country, one, two)
    survived(full, of=full, control=f"with room for {room - step} pages more it was green")


@pytest.mark.warns_in_log("internal error OSError")
def test_a_centre_without_room_for_an_upload_keeps_what_it_acknowledged(centre: CentreUnderTest) -> None:
    laptop = centre.device("A")
    data = laptop.seal(*many(laptop, 400))
    part: Path = centre.data_dir / "uploads" / laptop.id / "1.part"
    part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part.symlink_to("/dev/full")
    reply = laptop.put(data[:40_000], total=len(data))
    assert reply.status_code >= 500, reply.status_code
    part.unlink()
    assert read(laptop.put(data), BatchResult).outcomes[0].status is Status.ACCEPTED
    laptop.n, laptop.previous = 1, digest_of(data)
    check_proof(centre, laptop)


@pytest.mark.warns_in_log("database not reachable: DiskFull")
@pytest.mark.parametrize("table", TABLES)
def test_a_database_without_room_applies_all_of_a_batch_or_nothing(centre: CentreUnderTest, table: str) -> None:
    scene = scene_of(centre)
    scene.register()
    before = centre.sql("SELECT scope, head, digest, count FROM scope ORDER BY scope")
    data = scene.a.seal(
        scene.consents(), scene.refers(), scene.step(scene.a, "SENT"),
        scene.a.make("note", record=new_id(), case=scene.case, text="penuh"),
    )  # fmt: skip
    centre.sql(FULL.format(table=table))
    assert refusal(scene.a.put(data)) == (503, "database"), "come back later"
    assert centre.sql("SELECT scope, head, digest, count FROM scope ORDER BY scope") == before
    centre.sql("DROP FUNCTION full_disk CASCADE")
    outcomes = read(scene.a.put(data), BatchResult).outcomes
    assert {outcome.status for outcome in outcomes} == {Status.ACCEPTED}
    scene.a.n, scene.a.previous = scene.a.n + 1, digest_of(data)
    check_proof(centre, scene.a, scene.b)
