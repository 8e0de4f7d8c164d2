"""Enrol this laptop with the centre."""

from __future__ import annotations

import argparse

from app.cli.opening import opened
from app.cli.shell import Shell
from app.context import Context
from app.i18n import _
from app.models.permission import Permission
from app.sync.enrol import Certificate, enrol
from app.sync.meeting import read_address


def add_arguments(parser: argparse.ArgumentParser, _name: str) -> None:
    """Where the centre is, and the code it told this office."""
    parser.add_argument("--centre", required=True, metavar="URL", help=_("address of the centre"))
    parser.add_argument("--pin", default="", metavar="PIN", help=_("the centre's pin, told with the code"))
    parser.add_argument("--code", required=True, metavar="CODE", help=_("one-time code from the centre"))
    says = _("go on as a new device with all work that is here, after a copy or a restored backup")
    parser.add_argument("--anew", action="store_true", help=says)
    parser.set_defaults(run=run)


def run(shell: Shell, wanted: argparse.Namespace) -> int:
    """Prove the code once; from now on this laptop is one of the office's devices."""
    address = f"{wanted.centre} {wanted.pin}".strip()
    url = read_address(address).url  # what is wrong with it is said before a passphrase is asked for
    with opened(shell) as context:
        context.desk.require(Permission.SYNC)
        if wanted.anew:
            certificate = context.enrol_anew(address, code=wanted.code)
        else:
            certificate = _enrolled(context, address, code=wanted.code)
        office, device = certificate.office_code, certificate.device.hex()
        said = _("Enrolled as a device of the office {office}. Synchronise now: naungan sync.").format(office=office)
        words = context.six_words()
        compare = _("Six words: {words}. The centre reads the same six; let it confirm them within a day.")
        document = {"office": office, "device": device, "centre": url, "words": words}
        shell.tell(document, lines=[said, compare.format(words=words)])
    return 0


def _enrolled(context: Context, address: str, *, code: str) -> Certificate:
    with context.first_transport(address) as transport:
        tag = context.setting("device_tag", "")
        certificate = enrol(context.sync_setup(), transport, code=code, tag=tag)
    context.sign_in_again()
    return certificate
