"""Sealed files at the centre: each laptop begins for itself, who sees the record sees them, an erasure takes them."""

from __future__ import annotations

import hashlib
import random
import threading
from datetime import timedelta

import httpx2
import pytest

from app.central.blobs import MAX_UNFINISHED, UNFINISHED_LIFE
from app.models.field import to_ms
from app.models.ids import new_id
from app.wire import PIECE
from app.wire.messages import Change, Status
from tests.attacks import Survived, Tries
from tests.central.scene import CODES, Scene, scene_of, sealed
from tests.centre import CentreUnderTest, Laptop, refusal, today_of

DATA = random.Random(7).randbytes(2 * PIECE + 10)
NAME = hashlib.sha256(DATA).hexdigest()
ALL = [*CODES, "SENSITIVE"]


def paper_of(scene: Scene, *, name: str = NAME) -> str:
    """An attachment about Siti; its id."""
    made = scene.a.make(
        "attachment", case=scene.case, person_id=scene.siti, title=sealed("foto"), media_type="image/png", blob=name
    )
    assert scene.send(scene.a, made)[0].status is Status.ACCEPTED
    return made.record.hex()


def shared(centre: CentreUnderTest, **consent: str) -> tuple[Scene, str]:
    """A case of A with an attachment that B is shown."""
    scene = scene_of(centre)
    scene.register()
    paper = paper_of(scene)
    scene.send(scene.a, scene.consents(tiers=ALL, **consent), scene.refers(tiers=ALL), scene.step(scene.a, "SENT"))
    scene.b.pull()
    assert scene.b.holds(paper) is not None
    return scene, paper


def put(laptop: Laptop, record: str, start: int, *, data: bytes = DATA, name: str = NAME) -> httpx2.Response:
    """The piece of the data that begins there."""
    piece = data[start : start + PIECE]
    told = {"Content-Range": f"bytes {start}-{start + len(piece) - 1}/{len(data)}"}
    return laptop.ask("PUT", f"/v1/blobs/{name}?record={record}", content=piece, headers=told)


def send(laptop: Laptop, record: str) -> list[int]:
    """All of it; the answers."""
    return [put(laptop, record, start).status_code for start in range(0, len(DATA), PIECE)]


def get(laptop: Laptop, record: str) -> httpx2.Response:
    """Its first piece."""
    return laptop.ask("GET", f"/v1/blobs/{NAME}?record={record}")


@pytest.mark.parametrize("wrong", [b"\x00" * len(DATA), b"\x00" * (20 * PIECE)], ids=["other bytes", "other length"])
def test_who_is_shown_a_file_cannot_spoil_its_way(centre: CentreUnderTest, wrong: bytes) -> None:
    scene, paper = shared(centre)
    assert put(scene.b, paper, 0, data=wrong).status_code == 200
    assert send(scene.a, paper) == [200, 200, 200]
    assert get(scene.b, paper).content == DATA[:PIECE]
    assert put(scene.b, paper, PIECE, data=wrong).headers["naungan-offset"] == str(len(DATA)), "it is here, untouched"
    assert get(scene.a, paper).content == DATA[:PIECE]


def test_a_recipient_may_be_the_one_who_has_it(centre: CentreUnderTest) -> None:
    scene, paper = shared(centre)
    assert send(scene.b, paper) == [200, 200, 200]
    assert get(scene.a, paper).content == DATA[:PIECE]
    assert centre.sql("SELECT DISTINCT scope FROM blob") == [(centre.sql("SELECT %s::uuid", scene.a.office)[0][0],)]
    assert centre.sql("SELECT 1 FROM piece") == []


def test_a_laptop_that_never_says_hello_gets_no_file_after_the_consent_ran_out(centre: CentreUnderTest) -> None:
    scene, paper = shared(centre, valid_until=today_of(centre.clock() + timedelta(days=1)))
    send(scene.a, paper)
    assert get(scene.b, paper).status_code == 206
    centre.clock.forward(hours=11)
    assert get(scene.b, paper).status_code == 206
    centre.sql("UPDATE session SET expires = expires + interval '9 days'")
    centre.clock.forward(hours=48)
    assert refusal(get(scene.b, paper)) == (404, "not_found")
    assert refusal(put(scene.b, paper, 0)) == (404, "not_found")
    assert scene.b.ask("HEAD", f"/v1/blobs/{NAME}?record={paper}").status_code == 404


def test_what_is_not_shown_and_what_is_not_there_answer_alike(centre: CentreUnderTest) -> None:
    scene, paper = shared(centre)
    send(scene.a, paper)
    stranger = centre.device("C")
    answers = set()
    for record, name in ((paper, NAME), (new_id(), NAME), (paper, "0" * 64), ("x", "y"), (scene.case, NAME)):
        for method, headers in (("GET", {}), ("PUT", {"Content-Range": "bytes 0-0/1"})):
            body = {"content": b"x"} if method == "PUT" else {}
            reply = stranger.ask(method, f"/v1/blobs/{name}?record={record}", headers=headers, **body)
            kept = {key: value for key, value in reply.headers.items() if key not in ("date", "server")}
            answers.add((reply.status_code, reply.content, tuple(sorted(kept.items()))))
    assert len(answers) == 1
    assert next(iter(answers))[0] == 404


def test_what_was_begun_and_left_goes_by_itself(centre: CentreUnderTest) -> None:
    scene, paper = shared(centre)
    put(scene.a, paper, 0)
    put(scene.b, paper, 0)
    centre.clock.forward(days=UNFINISHED_LIFE.days, hours=1)
    centre.stop()
    centre.start()
    assert centre.sql("SELECT 1 FROM piece") == []
    scene.a.sign_in()
    papers = [paper_of(scene, name=f"{n:064x}") for n in range(MAX_UNFINISHED + 3)]
    for n, each in enumerate(papers):
        centre.clock.forward(seconds=1)
        assert put(scene.a, each, 0, name=f"{n:064x}").status_code == 200
    assert centre.sql("SELECT count(DISTINCT record), count(*) FROM piece") == [(MAX_UNFINISHED, MAX_UNFINISHED)]


def test_no_piece_outlives_an_erasure_it_meets(centre: CentreUnderTest, tries: Tries, survived: Survived) -> None:
    """Real threads: A and B send the file while A's other laptop erases its case."""
    count, left, met = tries(ci=3, full=25), 0, 0
    for _try in range(count):
        scene, paper = shared(centre)
        answers = crowd(scene, paper, eraser=centre.device("A"))
        assert set(answers) <= {200, 404, 409, 422}
        met += 200 in answers and 404 in answers
        held = centre.sql("SELECT 1 FROM blob WHERE record = %s UNION ALL SELECT 1 FROM piece", paper)
        left += bool(held)
    survived(count - left, of=count, control=f"in {met} of {count} the erasure came in the middle of the file")


def crowd(scene: Scene, paper: str, *, eraser: Laptop) -> list[int]:
    """Two laptops send the file again and again, a third erases its case meanwhile; what the two were answered."""
    began, answers = threading.Barrier(3), list[int]()

    def sends(laptop: Laptop) -> None:
        began.wait()
        for _round in range(6):
            answers.extend(send(laptop, paper))

    threads = [threading.Thread(target=sends, args=(laptop,)) for laptop in (scene.a, scene.b)]
    for thread in threads:
        thread.start()
    began.wait()
    assert eraser.push(erasure_of(eraser, scene.case))[0].status is Status.ACCEPTED
    for thread in threads:
        thread.join()
    return answers


def erasure_of(laptop: Laptop, case: str) -> Change:
    """The whole erasure of a case as one new record."""
    return laptop.make(
        "erasure", subject_kind="case", subject=case, basis="REQUEST", asked_by="SUBJECT", requested_by=new_id(),
        decision="APPROVED", decided_by=new_id(), executed_at=to_ms(laptop.centre.clock()),
    )  # fmt: skip
