"""Referrals: list, send, answer."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from app.cli.arguments import Verbs
from app.cli.entries import referral_from, referral_shape
from app.cli.lines import columns
from app.cli.opening import opened
from app.cli.reading import Reading, read_object
from app.cli.shell import Shell
from app.context import Context
from app.errors import Invalid, NotFound
from app.i18n import N_, _, format_datetime, ngettext
from app.models.codelist import label
from app.services import cases, exports, referrals
from app.services.case_page import CasePage, open_page, victims_line
from app.services.referrals import ReferralItem

# verb -> (step, what it says, which options it takes)
STEPS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "accept": ("ACCEPTED", N_("accept a referral"), ()),
    "decline": ("DECLINED", N_("decline it with a reason"), ("reason",)),
    "start": ("IN_PROGRESS", N_("say that the work has begun"), ()),
    "complete": ("COMPLETED", N_("report what came of it"), ("outcome", "feedback")),
    "return": ("RETURNED", N_("give it back with a reason"), ("reason",)),
    "withdraw": ("WITHDRAWN", N_("withdraw a referral of this office"), ()),
}


def add_arguments(parser: argparse.ArgumentParser, _name: str) -> None:
    """The verbs of a referral."""
    verbs = Verbs(parser)
    listing = verbs.add("list", list_referrals, says=_("referrals, the most urgent first"))
    which = listing.add_mutually_exclusive_group()
    which.add_argument("--inbox", action="store_true", help=_("only those to this office"))
    which.add_argument("--outbox", action="store_true", help=_("only those from this office"))
    listing.add_argument("--open", action="store_true", help=_("only those that are not finished"))
    send = verbs.add("send", send_referral, says=_("refer a victim to an agency"), more=referral_shape())
    send.add_argument("number", metavar="NUMBER", help=_("case number, or its unmistakable end"))
    send.add_argument("--from", dest="source", required=True, metavar="FILE", help=_("the JSON file, `-` for stdin"))
    for name, (step, says, options) in STEPS.items():
        verb = verbs.add(name, _taker(step), says=_(says))
        verb.add_argument("id", metavar="ID", help=_("id of the referral, or its unmistakable beginning or end"))
        if "reason" in options:
            verb.add_argument("--reason", required=True, metavar="CODE", help=_("a code of referral_decline_reason"))
        if "outcome" in options:
            verb.add_argument("--outcome", required=True, metavar="CODE", help=_("a code of referral_outcome"))
            verb.add_argument("--feedback", metavar="TEXT", help=_("what the sender should know"))
        if step != "WITHDRAWN":
            verb.add_argument("--on-paper", action="store_true", help=_("the agency answered on paper; we enter it"))


def list_referrals(shell: Shell, wanted: argparse.Namespace) -> int:
    """Both boxes unless one is asked for."""
    with opened(shell) as context:
        found: list[ReferralItem] = []
        if not wanted.outbox:
            found += referrals.inbox(context.desk, only_open=wanted.open)
        if not wanted.inbox:
            found += referrals.outbox(context.desk, only_open=wanted.open)
        shell.tell({"referrals": [item_json(item) for item in found]}, lines=_lines(found))
    return 0


def send_referral(shell: Shell, wanted: argparse.Namespace) -> int:
    """Refer on a named consent; what it does not cover is refused."""
    with opened(shell) as context:
        case = cases.find_case(context.desk, wanted.number)
        reading = Reading()
        values = referral_from(context.desk, read_object(shell, wanted.source), reading=reading)
        reading.finish()
        values = {**_suggested(context, open_page(context.desk, case.id), values), **values}
        saved = referrals.refer(context.desk, case.id, values)
        said = _("The referral is saved; it travels at the next synchronisation.")
        shell.tell({"id": saved.id, "case": case["number"]}, lines=[said])
    return 0


def item_json(item: ReferralItem) -> dict[str, Any]:
    """One referral as data."""
    return {
        "id": item.entry.id, "case": item.case_number, "outgoing": item.outgoing, "other": item.other,
        "state": item.state, "since": item.since, "due_at": item.due_at, "sent": item.sent,
        "late_steps": item.late, "next_steps": item.steps,
        **{key: item.entry[key] for key in ("reason", "urgency", "services", "tiers", "message")},
    }  # fmt: skip


def _taker(step: str) -> Callable[[Shell, argparse.Namespace], int]:
    def take(shell: Shell, wanted: argparse.Namespace) -> int:
        named = ("reason", "outcome", "feedback", "on_paper")
        values = {name: value for name in named if (value := getattr(wanted, name, None))}
        with opened(shell) as context:
            item = _find(context, wanted.id)
            referrals.take_step(context.desk, item.entry.id, step, **values)
            said = _("Referral {id} of case {case}: {step}.").format(
                id=item.entry.id[-8:], case=item.case_number, step=label("referral_step", step)
            )
            shell.tell({"id": item.entry.id, "case": item.case_number, "step": step}, lines=[said])
        return 0

    return take


def _find(context: Context, typed: str) -> ReferralItem:
    items = (*referrals.inbox(context.desk), *referrals.outbox(context.desk))
    found = [item for item in items if item.entry.id.startswith(typed) or item.entry.id.endswith(typed)]
    if not found:
        raise NotFound(_("There is no referral {id} on this laptop.").format(id=typed))
    if len(found) > 1:
        raise NotFound(_("Several referrals match {id}; give more of it.").format(id=typed))
    return found[0]


def _suggested(context: Context, page: CasePage, values: dict[str, Any]) -> dict[str, Any]:
    """The person and the consent that go without saying. Invalid if nothing does."""
    found: dict[str, Any] = {}
    victims = [victim.person.id for victim in page.victims]
    if not values.get("person_id"):
        if len(victims) != 1:
            raise Invalid(_("Nothing was saved:"), [("person_id", _("Say which victim: give the id of the person."))])
        found["person_id"] = victims[0]
    if not values.get("consent_id"):
        usable = exports.usable_consents(context.desk, page.case.id, agency=values.get("to_agency"))
        person = values.get("person_id") or found.get("person_id")
        theirs = [entry.id for entry in page.consents if entry["person_id"] == person and entry.id in usable]
        if theirs:
            found["consent_id"] = theirs[-1]
    return found


def _lines(found: Sequence[ReferralItem]) -> Iterator[str]:
    head = ("ID", _("Case"), _("Victim"), _("Agency"), _("State"), _("Answer due"))
    yield from columns(
        head,
        [
            (
                item.entry.id[-8:], item.case_number, victims_line(item.victims),
                ("-> " if item.outgoing else "<- ") + item.other, label("referral_step", item.state),
                format_datetime(item.due_at),
            )
            for item in found
        ],
    )  # fmt: skip
    yield ngettext("{n} referral", "{n} referrals", len(found)).format(n=len(found))
