"""Every version that was shipped goes on with this one: its workspaces, its centre, its bytes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import context as contexts
from app.central.intake import Intake
from app.central.keys import verified
from app.central.sessions import Device
from app.models import settings
from app.models.all import Case, Note
from app.models.local import Batch, Operation
from app.services import drafts
from app.sync.apply import apply_segment
from app.sync.loop import run
from app.sync.proof import point_of
from app.wire import REFERENCE
from app.wire.batch import unseal
from app.wire.messages import BatchResult, Receipt, Signed, Status, decode
from app.wire.segment import unseal_segment
from tests.central.scene import check_proof
from tests.centre import CentreUnderTest
from tests.sync.doorman import Answer, doorman, problem
from tests.sync.laptops import Laptop, new_laptop
from tests.sync.shipped import LAPTOPS, VERSIONS, Shipped

GOOD = {"accepted", "merged", "conflict", "duplicate"}
UNSENT = ("Belum terkirim dari laptop pertama.", "Beku, belum terkirim.")


@pytest.fixture(params=VERSIONS)
def shipped(request: pytest.FixtureRequest) -> Shipped:
    """Each version in turn."""
    return Shipped(request.param)


@pytest.fixture
def opened(shipped: Shipped, tmp_path: Path) -> Iterator[dict[str, contexts.Context]]:
    """Its laptops, opened by this program: that is when they are migrated."""
    made = {name: shipped.unlock(shipped.unpack(name, tmp_path)) for name in LAPTOPS}
    yield made
    for context in made.values():
        context.close()


def sync(context: contexts.Context, url: str) -> Any:
    """One sync that has to succeed."""
    with context.transport(url) as transport:
        report = run(context.sync_setup(), transport)
    context.synced(report)
    assert report.problem is None, (report.problem, getattr(report.problem, "code", ""))
    assert report.green
    return report


def look(context: contexts.Context) -> Laptop:
    """The laptop, as the tests look at one."""
    return Laptop(context.workspace, context.desk.now)


def frozen(context: contexts.Context) -> dict[int, bytes]:
    """The bytes of its batches."""
    with Session(context.workspace.engine) as session:
        return {batch.n: batch.data for batch in session.scalars(select(Batch))}


def everything_arrives(shipped: Shipped, opened: dict[str, contexts.Context], url: str) -> None:
    """All that was unsent is sent, under the bytes it was frozen with, and everybody has it."""
    before = {name: frozen(context) for name, context in opened.items()}
    for name, count in shipped.operations.items():
        assert len(look(opened[name]).operations()) >= count, "an operation was lost by the migration"
    assert drafts.mine(opened["a1"].desk)[0].content["text"] == "Formulir yang masih terbuka."
    for _round in range(3):
        for context in opened.values():
            sync(context, url)
    for name, context in opened.items():
        operations: list[Operation] = look(context).operations()
        assert all(op.result in GOOD for op in operations if not op.settled), [(o.kind, o.result) for o in operations]
        assert {n: data for n, data in frozen(context).items() if n in before[name]} == before[name]
    for name in ("a1", "a2"):
        with Session(opened[name].workspace.engine) as session:
            texts = set(session.scalars(select(Note.text)))
            assert set(UNSENT) <= texts, "what was not sent yet is on both laptops"
            assert len(session.scalars(select(Case.id)).all()) == 3
    assert look(opened["a1"]).contents().keys() >= look(opened["a2"]).contents().keys() - {("device", "")}


def test_old_workspaces_are_migrated_and_sync_to_the_old_centre_brought_to_this_version(
    shipped: Shipped, opened: dict[str, contexts.Context], postgres: Any, tmp_path: Path
) -> None:
    with shipped.centre(postgres, tmp_path) as centre:
        stored = len(centre.sql("SELECT 1 FROM batch"))
        everything_arrives(shipped, opened, centre.base_url)
        assert len(centre.sql("SELECT 1 FROM batch")) > stored
        newcomer = centre.device("A")  # speaks as every version did: the first dialect, whole rows
        check_proof(centre, newcomer)
        assert {row.content.get("text") for row in newcomer.rows[newcomer.office].values()} >= set(UNSENT)


def test_a_migrated_laptop_syncs_with_a_centre_that_knows_the_first_dialect_alone(
    shipped: Shipped, opened: dict[str, contexts.Context], postgres: Any, tmp_path: Path
) -> None:
    asked: list[str] = []

    def first_dialect(_method: str, path: str) -> Answer | None:
        asked.append(path)
        return None if path.startswith("/v1/") else problem(404, "not_found")

    with shipped.centre(postgres, tmp_path) as centre, doorman(centre.base_url, first_dialect) as url:
        everything_arrives(shipped, opened, url)
    assert any(path.startswith("/v1/feeds/") for path in asked)


def test_the_old_centre_answers_its_old_batches_with_the_same_bytes(
    shipped: Shipped, postgres: Any, tmp_path: Path
) -> None:
    with shipped.centre(postgres, tmp_path) as centre:
        intake = Intake(centre.owner, shipped.clock, b"")
        for sent in shipped.batches:
            device = device_of(shipped, sent.device)
            opened = unseal(sent.data, verify=partial(verified, device.sign_public))
            assert len(opened.changes) == opened.header.count > 0
            assert intake.take(device, sent.n, data=sent.data) == sent.result


def test_a_new_centre_takes_the_old_batches(shipped: Shipped, centre: CentreUnderTest) -> None:
    for office, code, region, name in shipped.offices:
        centre.sql("INSERT INTO office (id, code, region, name) VALUES (%s, %s, %s, %s)", office, code, region, name)
        centre.sql("INSERT INTO scope (scope) VALUES (%s)", office)
    for identity, office, region, tag, sign_public, certificate in shipped.devices:
        centre.sql(
            "INSERT INTO device (id, office, region, tag, sign_public, certificate, issued, expires)"
            " VALUES (%s, %s, %s, %s, %s, %s, now(), now())",
            identity, office, region, tag, sign_public, certificate,
        )  # fmt: skip
    intake, operations = Intake(centre.owner, shipped.clock, b""), 0
    for sent in shipped.batches:
        result = decode(intake.take(device_of(shipped, sent.device), sent.n, data=sent.data), BatchResult)
        was = decode(sent.result, BatchResult)
        assert (result.device, result.n, result.digest) == (was.device, was.n, was.digest)
        assert {outcome.status for outcome in result.outcomes} <= {Status.ACCEPTED, Status.MERGED, Status.CONFLICT}
        operations += len(result.outcomes)
    assert operations == sum(len(decode(sent.result, BatchResult).outcomes) for sent in shipped.batches)


def test_a_new_laptop_reads_the_old_segments_and_gets_the_digest_the_old_centre_signed(
    shipped: Shipped, tmp_path: Path
) -> None:
    device, office = next((sent.device, sent.office) for sent in shipped.batches)
    laptop = new_laptop(tmp_path / "baru", clock=shipped.clock)
    try:
        with laptop.setup.write() as session:
            settings.put(session, "office", office)
        for sent in (one for one in shipped.segments if one.device == device):
            apply_segment(laptop.setup, unseal_segment(sent.data), scope=sent.scope)
        signed = [decode(decode(data, Signed).body, Receipt) for of, _office, data in shipped.receipts if of == device]
        for scope in (office, REFERENCE):
            last = [receipt for receipt in signed if receipt.scope.hex() == scope][-1]
            with laptop.session() as session:
                point = point_of(session, scope)
            assert (point.seq, point.digest, point.count) == (last.seq, last.digest, last.count)
    finally:
        laptop.workspace.close()


def device_of(shipped: Shipped, raw: bytes) -> Device:
    """One of its devices, as the centre knows it."""
    found = next(one for one in shipped.devices if one[0].replace("-", "") == raw.hex())
    return Device(raw.hex(), found[1].replace("-", ""), found[4])
