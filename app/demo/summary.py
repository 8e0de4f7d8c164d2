"""What the demo did, as plain data for summary.json and as lines for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from app.demo.journey import Journey, Played, Wishes
from app.demo.laptop import Laptop
from app.i18n import _, format_bytes, format_number
from app.models.codelist import label
from app.services import referrals


def summary_of(journey: Journey, wishes: Wishes, seconds: dict[str, float]) -> dict[str, Any]:
    """Everything that was counted; paths are relative to the folder of the demo."""
    played, rendered = journey.played, journey.played.rendered
    items = referrals.outbox(journey.a.context.desk)
    assert rendered is not None
    return {
        "cases": played.loaded.cases + 1,
        "victims": played.loaded.victims + 1,
        "referrals": dict(sorted(Counter(item.state for item in items).items())),
        "answer": played.answer,
        "sealed_value_read_by_recipient": played.sealed,
        "offices": {laptop.directory.name: _office(laptop) for laptop in (journey.a, journey.b)},
        "digests_equal": all(laptop.syncs[-1].green for laptop in (journey.a, journey.b)),
        "problems": played.problems,
        "pdf": {
            "path": played.pdf.name, "passphrase": rendered.password, "pages": rendered.pages,
            "sha256": rendered.sha256,
        },
        "screenshots": [path.relative_to(wishes.out).as_posix() for path in played.screenshots],
        "passphrases": "passphrases.txt",
        "seconds": {**seconds, "total": round(sum(seconds.values()), 3)},
    }  # fmt: skip


def _office(laptop: Laptop) -> dict[str, Any]:
    syncs = laptop.syncs
    outcomes: Counter[str] = Counter()
    for report in syncs:
        outcomes.update(report.outcomes)
    return {
        "name": laptop.office.name,
        "operations_pushed": sum(report.pushed_operations for report in syncs),
        "outcomes": dict(sorted(outcomes.items())),
        "records_pulled": sum(sum(report.pulled.values()) for report in syncs),
        "bytes_up": sum(report.bytes_up for report in syncs),
        "bytes_down": sum(report.bytes_down for report in syncs),
        "syncs": len(syncs),
        "digest_equal": syncs[-1].green,
    }


def lines_of(summary: dict[str, Any], played: Played, wishes: Wishes) -> Iterator[str]:
    """The summary for a person."""
    counted = _("{cases} cases, {victims} victims").format(
        cases=format_number(summary["cases"]), victims=format_number(summary["victims"])
    )
    yield (
        counted
        + "; "
        + _("referrals: {states}").format(
            states=", ".join(f"{label('referral_step', state)} {n}" for state, n in summary["referrals"].items())
        )
    )
    for office in summary["offices"].values():
        yield _("{office}: {pushed} changes sent, {pulled} records received, {up} up, {down} down").format(
            office=office["name"], pushed=format_number(office["operations_pushed"]),
            pulled=format_number(office["records_pulled"]), up=format_bytes(office["bytes_up"]),
            down=format_bytes(office["bytes_down"]),
        )  # fmt: skip
    same = _("Both laptops hold what the centre holds: proven by its signed receipts.")
    yield same if summary["digests_equal"] and not summary["problems"] else _("NOT proven; see summary.json.")
    if summary["sealed_value_read_by_recipient"]:
        yield _("The girl's health travelled sealed: the centre holds it and cannot read it; the police unit can.")
    yield _("PDF: {path} (passphrase: {words})").format(path=played.pdf, words=summary["pdf"]["passphrase"])
    if played.screenshots:
        yield _("Screens: {path}").format(path=played.screenshots[0].parent)
    yield _("Passphrase of both workspaces: the first line of {path}").format(path=wishes.out / "passphrases.txt")
