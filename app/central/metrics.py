"""Counters for whoever watches the centre, in Prometheus' text form. Numbers only: no office, no device, no record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.central.board import Board, Gauge, Tally

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_COUNTERS = (
    "naungan_batches_total", "naungan_operations_total", "naungan_requests_total", "naungan_received_bytes_total",
    "naungan_sent_bytes_total", "naungan_refused_total", "naungan_worker_starts_total",
)  # fmt: skip
_TIMES = ("naungan_request_seconds", "naungan_apply_seconds", "naungan_wait_seconds")
_GAUGES = {
    Gauge.IN_FLIGHT: "naungan_in_flight_bytes",
    Gauge.URGENT_IN_FLIGHT: "naungan_urgent_in_flight_bytes",
    Gauge.QUEUED: "naungan_queued_batches",
    Gauge.QUEUED_BYTES: "naungan_queued_bytes",
    Gauge.APPLYING: "naungan_applying_batches",
    Gauge.WORKING: "naungan_workers",
}


class Metrics:
    """What one worker counts since the centre's start; `text` is the sum over all of them."""

    def __init__(self, board: Board, tally: Tally) -> None:
        self._board, self._tally = board, tally
        for name in ("naungan_batches_total", "naungan_received_bytes_total", "naungan_sent_bytes_total"):
            tally.add(name, 0)

    def batches(self) -> float:
        """How many were answered by this worker."""
        return self._tally.value("naungan_batches_total")

    def batch(self, statuses: Sequence[str]) -> None:
        """A batch was answered."""
        self._tally.add("naungan_batches_total")
        for status in set(statuses):
            self._tally.add(f'naungan_operations_total{{status="{status}"}}', statuses.count(status))

    def request(self, route: str, *, status: int, seconds: float, received: int, sent: int) -> None:
        """A request was answered."""
        self._tally.add(f'naungan_requests_total{{route="{route}",status="{status}"}}')
        self._tally.add("naungan_received_bytes_total", received)
        self._tally.add("naungan_sent_bytes_total", sent)
        self._time("naungan_request_seconds", f'route="{route}"', seconds)

    def refused(self, reason: str) -> None:
        """Somebody was told to come later, for this reason."""
        self._tally.add(f'naungan_refused_total{{reason="{reason}"}}')

    def applied(self, lane: str, *, waited: float, took: float) -> None:
        """A batch was applied: how long it had waited for its turn, and how long it took."""
        self._time("naungan_wait_seconds", f'lane="{lane}"', waited)
        self._time("naungan_apply_seconds", f'lane="{lane}"', took)

    def text(self, *, connections: int | None = None) -> str:
        """The exposition. `connections`: to PostgreSQL; None if it does not say."""
        return "\n".join(self._lines(connections)) + "\n"

    def _time(self, name: str, label: str, seconds: float) -> None:
        for edge in (*_BUCKETS, float("inf")):
            self._tally.add(f'{name}_bucket{{{label},le="{_edge(edge)}"}}', seconds <= edge)
        self._tally.add(f"{name}_sum{{{label}}}", seconds)
        self._tally.add(f"{name}_count{{{label}}}")

    def _lines(self, connections: int | None) -> Iterator[str]:
        sums = self._board.sums()
        for name in _COUNTERS:
            yield f"# TYPE {name} counter"
            yield from sorted(_line(series, value) for series, value in sums.items() if _of(series) == name)
        for name in _TIMES:
            yield f"# TYPE {name} histogram"
            yield from (_line(series, value) for series, value in sums.items() if _of(series).startswith(name))
        gauges = {name: self._board.total(gauge) for gauge, name in _GAUGES.items()}
        if connections is not None:
            gauges["naungan_database_connections"] = connections
        for name, value in gauges.items():
            yield f"# TYPE {name} gauge"
            yield _line(name, value)


def _of(series: str) -> str:
    return series.partition("{")[0]


def _line(series: str, value: float) -> str:
    return f"{series} {int(value) if value == int(value) else format(value, '.6f')}"


def _edge(edge: float) -> str:
    return "+Inf" if edge == float("inf") else str(edge)
