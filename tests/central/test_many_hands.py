"""Many laptops and several workers at once on one database: nothing hangs, nothing is lost, no number comes twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest

from app.central.intake import Intake
from app.central.keys import load_key
from app.central.sessions import Device
from app.central.store import Store
from app.models.field import to_ms
from app.models.ids import new_id
from app.wire import REFERENCE
from app.wire.batch import digest_of
from app.wire.messages import BatchResult, Change, Status, decode
from tests.attacks import Survived, Tries
from tests.central.scene import adding, check_proof
from tests.centre import CentreUnderTest, Laptop

TAKEN = (Status.ACCEPTED, Status.MERGED, Status.CONFLICT)


@pytest.fixture
def workers(centre: CentreUnderTest) -> Iterator[list[Intake]]:
    """Two processes' worth of the centre: each has its own connections, and knows nothing of the other."""
    key = load_key(centre.data_dir).public
    stores = [Store(centre.url_of["naungan_app"]) for _worker in range(2)]
    yield [Intake(store, centre.clock, key) for store in stores]
    for store in stores:
        store.close()


def device_of(laptop: Laptop) -> Device:
    return Device(laptop.id, laptop.office, laptop.sign_public)


def sealed(laptop: Laptop, *changes: Change) -> tuple[int, bytes]:
    """The next batch of the chain: number and bytes."""
    data = laptop.seal(*changes)
    laptop.n, laptop.previous = laptop.n + 1, digest_of(data)
    return laptop.n, data


def referred(laptop: Laptop, other: str) -> list[Change]:
    """A whole case of this office that the other office is to see."""
    case, person, consent, referral = (new_id() for _id in range(4))
    make, codes = laptop.make, adding("CASE", "IDENTIFYING", "OPEN")
    return [
        make("case", record=case, channel="WALK_IN"), make("person", record=person, name="Siti"),
        make("party", case=case, person_id=person, role="VICTIM"),
        make("consent", record=consent, case=case, person_id=person, purpose="SHARE", decision="GIVEN",
             recipient=other, tiers=codes, given_by="SELF"),
        make("referral", record=referral, case=case, person_id=person, to_office=other, reason="SHELTER",
             urgency="URGENT", consent_id=consent, tiers=codes),
        make("referral_event", case=case, referral_id=referral, step="SENT", at=to_ms(laptop.centre.clock())),
        make("agency", name="Rumah Aman"),
    ]  # fmt: skip


def together(works: Sequence[Callable[[], object]]) -> None:
    """All at the same moment; what one raises is raised."""
    gate = Barrier(len(works))

    def begin(work: Callable[[], object]) -> object:
        gate.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(begin, work) for work in works]:
            done.result()


def test_eight_at_once_on_two_offices_that_refer_to_each_other(
    centre: CentreUnderTest, workers: list[Intake], tries: Tries, survived: Survived
) -> None:
    laptops = [centre.device("AB"[number % 2]) for number in range(8)]
    a, b = centre.office("A"), centre.office("B")
    common = {office: new_id() for office in (a, b)}
    for laptop in laptops[:2]:
        laptop.push(laptop.make("case", record=common[laptop.office], risk="LOW"))
    rounds = tries(ci=4, full=60)
    batches = {
        laptop.id: [
            sealed(
                laptop,
                *referred(laptop, b if laptop.office == a else a),
                laptop.edit("case", common[laptop.office], base_rev=1, risk=f"R{number}", control=adding(laptop.tag)),
            )
            for number in range(rounds)
        ]
        for laptop in laptops
    }
    results: list[BatchResult] = []

    def push(laptop: Laptop, worker: Intake) -> None:
        for n, data in batches[laptop.id]:
            results.append(decode(worker.take(device_of(laptop), n, data=data), BatchResult))

    together([lambda p=laptop, w=workers[at % 2]: push(p, w) for at, laptop in enumerate(laptops)])  # type: ignore[misc]
    outcomes = [outcome for result in results for outcome in result.outcomes]
    assert {outcome.status for outcome in outcomes} <= set(TAKEN)
    [(cases,)] = centre.sql("SELECT count(*) FROM record WHERE kind = 'case'")
    [(shown,)] = centre.sql("SELECT count(*) FROM placement WHERE kind = 'referral' AND row = 'F' AND owner <> scope")
    [(agencies,)] = centre.sql(
        "SELECT count(DISTINCT record) FROM feed WHERE scope = %s AND kind = 'agency'", REFERENCE
    )
    assert cases == 2 + rounds * 8
    check_proof(centre, *laptops)
    controls = [laptop.holds(common[laptop.office]) or {} for laptop in laptops[:2]]
    assert [set(c["control"]) for c in controls] == [{p.tag for p in laptops[at::2]} for at in range(2)], (
        "no entry lost"
    )
    survived(
        min(shown, agencies - 2), of=rounds * 8, control="without the lock of a scope two batches take the same numbers"
    )


def test_two_workers_start_at_once_on_what_a_crash_left(centre: CentreUnderTest, workers: list[Intake]) -> None:
    laptops = [centre.device("AB"[number % 2]) for number in range(4)]
    for laptop in laptops:
        for _batch in range(3):
            n, data = sealed(laptop, *referred(laptop, centre.office("BA"[laptop.office == centre.office("B")])))
            workers[0].keep(device_of(laptop), n, data=data)
    together([partial(worker.catch_up, device_of(laptop)) for worker in workers for laptop in laptops])
    assert centre.sql("SELECT count(*) FROM batch WHERE result IS NULL") == [(0,)]
    results = [decode(bytes(row[0]), BatchResult) for row in centre.sql("SELECT result FROM batch")]
    assert {outcome.status for result in results for outcome in result.outcomes} == {Status.ACCEPTED}
    twice = (
        "SELECT record FROM feed WHERE kind = 'referral_event' AND rev = seq GROUP BY scope, record HAVING count(*) > 1"
    )
    assert centre.sql(twice) == [], "each batch was applied once"
    check_proof(centre, *laptops)
    again = [workers[at % 2].result(device_of(laptop), 3) for at, laptop in enumerate(laptops)]
    assert again == [workers[1 - at % 2].result(device_of(laptop), 3) for at, laptop in enumerate(laptops)]
