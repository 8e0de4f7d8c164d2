"""Counters for whoever watches the centre, in Prometheus' text form. Numbers only: no office, no device, no record."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(slots=True)
class Metrics:
    """What was done since the start."""

    batches: int = 0
    operations: Counter[str] = field(default_factory=Counter)  # by status
    requests: Counter[tuple[str, int]] = field(default_factory=Counter)  # by route and HTTP status
    bytes_in: int = 0
    bytes_out: int = 0
    seconds: dict[str, list[int]] = field(default_factory=dict)
    total_seconds: Counter[str] = field(default_factory=Counter)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def batch(self, statuses: list[str]) -> None:
        """A batch was answered."""
        with self._guard:
            self.batches += 1
            self.operations.update(statuses)

    def request(self, route: str, *, status: int, seconds: float, received: int, sent: int) -> None:
        """A request was answered."""
        with self._guard:
            self.requests[route, status] += 1
            self.bytes_in += received
            self.bytes_out += sent
            counts = self.seconds.setdefault(route, [0] * (len(_BUCKETS) + 1))
            self.total_seconds[route] += seconds  # type: ignore[assignment]
            counts[next((i for i, edge in enumerate(_BUCKETS) if seconds <= edge), len(_BUCKETS))] += 1

    def text(self) -> str:
        """The exposition."""
        with self._guard:
            return "\n".join(self._lines()) + "\n"

    def _lines(self) -> list[str]:
        lines = ["# TYPE naungan_batches_total counter", f"naungan_batches_total {self.batches}"]
        lines += ["# TYPE naungan_operations_total counter"]
        lines += [f'naungan_operations_total{{status="{s}"}} {n}' for s, n in sorted(self.operations.items())]
        lines += ["# TYPE naungan_requests_total counter"]
        lines += [
            f'naungan_requests_total{{route="{r}",status="{s}"}} {n}' for (r, s), n in sorted(self.requests.items())
        ]
        lines += ["# TYPE naungan_received_bytes_total counter", f"naungan_received_bytes_total {self.bytes_in}"]
        lines += ["# TYPE naungan_sent_bytes_total counter", f"naungan_sent_bytes_total {self.bytes_out}"]
        lines += ["# TYPE naungan_request_seconds histogram"]
        for route, counts in sorted(self.seconds.items()):
            total = 0
            for edge, count in zip((*map(str, _BUCKETS), "+Inf"), counts, strict=True):
                total += count
                lines.append(f'naungan_request_seconds_bucket{{route="{route}",le="{edge}"}} {total}')
            lines.append(f'naungan_request_seconds_sum{{route="{route}"}} {self.total_seconds[route]:.6f}')
            lines.append(f'naungan_request_seconds_count{{route="{route}"}} {total}')
        return lines
