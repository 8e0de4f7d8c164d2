"""Work behind the screen: what comes back, where, and what is dropped."""

from __future__ import annotations

import threading

import pytest
import shiboken6
from PySide6.QtCore import QObject

from app.ui.jobs import Jobs, Progress, Step


def _until(qtbot, jobs: Jobs) -> None:
    qtbot.waitUntil(lambda: jobs.idle)


def test_result_comes_back_in_the_thread_that_asked(qtbot, jobs):
    got = []
    jobs.run(lambda _p: threading.current_thread().name, then=lambda r: got.append((r, threading.current_thread())))
    _until(qtbot, jobs)
    assert got == [("naungan-db", threading.main_thread())]


def test_error_goes_to_failed_and_not_to_then(qtbot, jobs):
    got = []
    job = jobs.run(lambda _p: 1 / 0, then=got.append, failed=lambda e: got.append(type(e)))
    _until(qtbot, jobs)
    assert got == [ZeroDivisionError]
    assert job.state == "failed"


def test_error_without_failed_is_announced_as_a_crash(qtbot, jobs):
    with qtbot.waitSignal(jobs.crashed) as crash:
        jobs.run(lambda _p: 1 / 0)
    assert isinstance(crash.args[0], ZeroDivisionError)


def test_one_lane_is_serial_and_keeps_the_order(qtbot, jobs):
    seen, inside = [], []

    def work(number: int) -> None:
        inside.append(number)
        seen.append((number, len(inside)))
        inside.remove(number)

    for number in range(200):
        jobs.run(lambda _p, number=number: work(number))
    _until(qtbot, jobs)
    assert seen == [(number, 1) for number in range(200)]


def test_lanes_do_not_wait_for_each_other(qtbot, jobs):
    gate = threading.Event()
    jobs.run(lambda _p: gate.wait(), lane="net")
    with qtbot.waitCallback() as came:
        jobs.run(lambda _p: "free", then=came)
    assert came.args == ["free"]
    gate.set()
    _until(qtbot, jobs)


def test_progress_arrives_with_the_newest_step(qtbot, jobs):
    steps = []

    def work(progress: Progress) -> None:
        for done in range(1, 5001):
            progress.report(done, total=5000)

    jobs.run(work, progress=steps.append)
    _until(qtbot, jobs)
    assert steps[-1] == Step(5000, 5000)
    assert [s.done for s in steps] == sorted(s.done for s in steps)


def test_each_step_that_was_seen_makes_room_for_the_next(qtbot, jobs):
    steps, gate = [], threading.Event()

    def work(progress: Progress) -> None:
        progress.report(1, total=2)
        gate.wait()
        progress.report(2, total=2)

    jobs.run(work, progress=lambda step: (steps.append(step.done), gate.set()))
    _until(qtbot, jobs)
    assert steps == [1, 2]


def test_cancelled_work_stops_and_answers_nobody(qtbot, jobs):
    started, got = threading.Event(), []

    def work(progress: Progress) -> None:
        started.set()
        progress.wait(60)

    job = jobs.run(work, then=got.append, failed=got.append, lane="net")
    job.when_ended(lambda: got.append("ended"))
    started.wait(10)
    job.cancel()
    _until(qtbot, jobs)
    assert got == ["ended"]
    assert job.state == "cancelled"


def test_result_of_work_that_finished_after_its_cancelling_is_dropped(qtbot, jobs):
    gate, started, got = threading.Event(), threading.Event(), []

    def work(_progress: Progress) -> str:
        started.set()
        gate.wait()
        return "stale"

    job = jobs.run(work, then=got.append)
    started.wait(10)
    job.cancel()
    gate.set()
    _until(qtbot, jobs)
    assert got == []


def test_error_of_cancelled_work_is_not_swallowed(qtbot, jobs):
    gate, got, started = threading.Event(), [], threading.Event()

    def work(_progress: Progress) -> None:
        started.set()
        gate.wait()
        raise OSError("disk")

    job = jobs.run(work, failed=got.append)
    started.wait(10)
    job.cancel()
    gate.set()
    _until(qtbot, jobs)
    assert [type(e) for e in got] == [OSError]


class _Listener(QObject):
    def __init__(self, heard: list) -> None:
        super().__init__()
        self.heard = heard

    def take(self, result: object) -> None:
        self.heard.append(result)


@pytest.mark.parametrize("named", [True, False])
def test_result_for_a_dead_owner_is_dropped(qtbot, jobs, named):
    gate, heard = threading.Event(), []
    listener = _Listener(heard)
    jobs.run(lambda _p: gate.wait(), then=listener.take, owner=listener if named else None)
    shiboken6.delete(listener)
    gate.set()
    _until(qtbot, jobs)
    assert heard == []


def test_shutdown_finishes_queued_saves_and_cancels_the_net(qtbot):
    jobs, saved, gate = Jobs(), [], threading.Event()
    jobs.run(lambda _p: gate.wait())
    for number in range(20):
        jobs.run(lambda _p, number=number: saved.append(number))
    jobs.run(lambda p: p.wait(60), lane="net")
    gate.set()
    jobs.shutdown()
    assert saved == list(range(20))
    with pytest.raises(RuntimeError, match="shut down"):
        jobs.run(lambda _p: None)


def test_a_hurried_shutdown_does_itself_what_waits_behind_work_that_hangs(qtbot, monkeypatch):
    monkeypatch.setattr("app.ui.jobs.DB_SECONDS", 0.1)
    jobs, saved, gate = Jobs(), [], threading.Event()
    jobs.run(lambda _p: gate.wait())
    jobs.run(lambda _p: saved.append((threading.current_thread().name, 1)))
    jobs.run(lambda _p: 1 / 0)
    jobs.run(lambda _p: saved.append(("", "read"))).is_reading = True
    jobs.run(lambda _p: saved.append((threading.current_thread().name, 2)))
    assert not jobs.shutdown(hurried=True)
    assert saved == [("MainThread", 1), ("MainThread", 2)]
    gate.set()
    jobs._threads["db"].join(10)
    assert not jobs._threads["db"].is_alive()


def test_a_hurried_shutdown_where_nothing_hangs_is_an_ordinary_one(qtbot):
    jobs, saved = Jobs(), []
    for number in range(20):
        jobs.run(lambda _p, number=number: saved.append(number))
    jobs.run(lambda p: p.wait(60), lane="net")
    assert jobs.shutdown(hurried=True)
    assert saved == list(range(20))


def test_who_stops_the_work_does_what_frees_it(qtbot, jobs):
    freed, waiting = threading.Event(), threading.Event()

    def work(progress: Progress) -> None:
        progress.when_stopped(freed.set)
        waiting.set()
        assert freed.wait(10)
        progress.when_stopped(freed.clear)  # it is stopped already: at once

    job = jobs.run(work, lane="net")
    assert waiting.wait(10)
    job.cancel()
    _until(qtbot, jobs)
    assert not freed.is_set()


def test_busy_is_told_once_for_a_burst(qtbot, jobs):
    told = []
    jobs.busy_changed.connect(told.append)
    gate = threading.Event()
    jobs.run(lambda _p: gate.wait())
    jobs.run(lambda _p: None)
    gate.set()
    _until(qtbot, jobs)
    assert told == [True, False]
