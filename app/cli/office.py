"""This office's laptops, and who of them may read what is sealed."""

from __future__ import annotations

import argparse

from app.cli.arguments import Verbs
from app.cli.lines import columns
from app.cli.opening import opened
from app.cli.shell import Shell
from app.errors import NotFound
from app.i18n import _, format_datetime
from app.services import directory, laptops
from app.services.laptops import OfficeLaptop


def add_arguments(parser: argparse.ArgumentParser, _name: str) -> None:
    """The verbs of a supervisor."""
    verbs = Verbs(parser)
    verbs.add("laptops", list_laptops, says=_("every laptop of this office, and its six words"))
    approve = verbs.add("approve", approve_laptop, says=_("let a laptop of this office read what is sealed"))
    approve.add_argument("device", metavar="DEVICE", help=_("id or letters of the laptop, as `laptops` shows them"))
    verbs.add("keys", show_keys, says=_("six words of each office's key, to compare by telephone"))
    verbs.add("rotate", rotate_key, says=_("a new key of this office, after a laptop was lost and revoked"))


def list_laptops(shell: Shell, _wanted: argparse.Namespace) -> int:
    """What stands here and is not ours was enrolled by somebody: ask the centre."""
    with opened(shell) as context:
        found = laptops.laptops(context.desk)
    head = (_("Device"), _("Letters"), _("Reads what is sealed"), _("Revoked"), _("Six words"))
    rows = [(one.device, one.tag, _state(one), format_datetime(one.revoked), one.words) for one in found]
    names = ("device", "tag", "words", "ours", "approved", "revoked")
    document = [{name: getattr(one, name) for name in names} for one in found]
    shell.tell({"laptops": document}, lines=columns(head, rows))
    return 0


def approve_laptop(shell: Shell, wanted: argparse.Namespace) -> int:
    """After somebody compared the six words; the laptop has the key when both have synchronised."""
    with opened(shell) as context:
        named = [one for one in laptops.laptops(context.desk) if wanted.device in (one.device, one.tag)]
        if len(named) != 1:
            raise NotFound(_("There is no such laptop in this office. Synchronise, then look again."))
        laptops.approve(context.desk, named[0].device)
    said = _("Approved: {tag}. It reads what is sealed when both laptops have synchronised.")
    shell.tell({"approved": named[0].device}, lines=[said.format(tag=named[0].tag)])
    return 0


def show_keys(shell: Shell, _wanted: argparse.Namespace) -> int:
    """Equal words on both ends of the telephone: nobody put a key of theirs in between."""
    with opened(shell) as context:
        named = {one["office_id"]: one["name"] for one in directory.recipients(context.desk) if one["office_id"]}
        own = context.desk.actor.office
        offices = {own: context.setting("office_name", ""), **named}
        found = [(name, laptops.fingerprint(context.desk, office), office) for office, name in offices.items()]
    rows = [(str(name or ""), words) for name, words, _office in found if words]
    document = [{"office": office, "name": name, "words": words} for name, words, office in found if words]
    shell.tell({"keys": document}, lines=columns((_("Office"), _("Six words")), rows))
    return 0


def rotate_key(shell: Shell, _wanted: argparse.Namespace) -> int:
    """What was sealed before stays readable to whoever held the old key; what comes is sealed to the new one."""
    with opened(shell) as context:
        laptops.rotate(context.desk, restricted=context.workspace.restricted)
        words = laptops.fingerprint(context.desk)
    said = _("A new key. Synchronise now. Six words: {words}.").format(words=words)
    shell.tell({"words": words}, lines=[said])
    return 0


def _state(one: OfficeLaptop) -> str:
    if one.revoked:
        return _("no")
    return _("yes") if one.approved else _("waits for approval")
