"""The centre's certificate authority: made, used, shown; and what of it a laptop is told."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from app.cli.arguments import Verbs
from app.cli.central_place import DATA, PORT, modules
from app.cli.shell import Shell
from app.errors import Invalid
from app.i18n import _, format_date
from app.sync.http import checked_url


def add_arguments(verbs: Verbs) -> None:
    """`central ca ...`."""
    says = _("the centre's own certificate authority, which laptops trust by its pin")
    group = Verbs(verbs.add("ca", show_authority, says=says))
    _place(group.add("init", init_authority, says=_("make the authority; again changes nothing")))
    issue = _place(group.add("issue", issue_certificate, says=_("a certificate for the server, for a year")))
    hosts = _("names and addresses by which laptops reach the centre, with commas between; the first is told to them")
    issue.add_argument("--host", required=True, metavar="NAME[,IP]", help=hosts)
    _place(group.add("show", show_authority, says=_("the pin, the hosts, and until when")))


def init_authority(shell: Shell, wanted: argparse.Namespace) -> int:
    """What is there already stays."""
    made = _authority().create(_folder(wanted), now=shell.now)
    said = _("The authority is ready. Keep a copy of {file} in a safe place, away from this machine.").format(
        file=_folder(wanted) / "ca.key"
    )
    shell.tell({"pin": made.pin, "expires": made.expires}, lines=[said, _pin_line(made.pin)])
    return 0


def issue_certificate(shell: Shell, wanted: argparse.Namespace) -> int:
    """Takes effect when the server starts the next time."""
    issued = _authority().issue(_folder(wanted), hosts=wanted.host.split(","), now=shell.now)
    shell.tell({"hosts": issued.hosts, "expires": issued.expires}, lines=[_host_line(issued)])
    return 0


def show_authority(shell: Shell, wanted: argparse.Namespace) -> int:
    """Nothing secret is shown."""
    authority = _authority()
    own, issued = authority.show(_folder(wanted)), authority.issued(_folder(wanted))
    if own is None:
        raise Invalid(_("This centre has no certificate authority yet. Run `naungan central ca init` first."))
    document = {"pin": own.pin, "expires": own.expires, "hosts": issued.hosts if issued else (), "issued_until": None}
    lines = [_pin_line(own.pin)]
    if issued:
        document["issued_until"] = issued.expires
        lines.append(_host_line(issued))
    shell.tell(document, lines=lines)
    return 0


def tls_files(wanted: argparse.Namespace) -> Any:
    """What the server is to show: the files named, else those that were issued (not on loopback); None for none."""
    with modules():
        from app.central.config import TlsFiles
    if bool(wanted.tls_cert) != bool(wanted.tls_key):
        raise Invalid(_("--tls-cert and --tls-key belong together."))
    if wanted.tls_cert:
        return TlsFiles(wanted.tls_cert, wanted.tls_key)
    here = wanted.host in ("127.0.0.1", "::1", "localhost")
    return None if here else _authority().issued_files(_folder(wanted))


def address_and_pin(wanted: argparse.Namespace) -> tuple[str, str]:
    """What a new laptop has to know besides its code; two empty texts for a centre without an authority."""
    authority, folder = _authority(), _folder(wanted)
    own, issued = authority.show(folder), authority.issued(folder)
    address = checked_url(wanted.address) if wanted.address else ""
    if own is None or (address and not address.startswith("https:")):
        return address, ""
    if not address:
        if issued is None:
            raise Invalid(_("No certificate was issued yet. Run `naungan central ca issue`, or give --address."))
        host = f"[{issued.hosts[0]}]" if ":" in issued.hosts[0] else issued.hosts[0]
        address = f"https://{host}:{PORT}"
    return address, own.pin


def _place(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--data", type=Path, metavar="DIR", help=_("folder of the centre's key and uploads"))
    where.add_argument("--embedded", type=Path, metavar="DIR", help=_("the same, of a centre with its own PostgreSQL"))
    return parser


def _folder(wanted: argparse.Namespace) -> Path:
    return Path(wanted.data or wanted.embedded or DATA)


def _authority() -> Any:
    with modules():
        from app.central import authority
    return authority


def _pin_line(pin: str) -> str:
    return _("Pin: {pin}").format(pin=pin)


def _host_line(issued: Any) -> str:
    return _("For {hosts}, until {day}").format(hosts=", ".join(issued.hosts), day=format_date(issued.expires.date()))
