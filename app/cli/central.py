"""The centre: set up, serve, offices, enrolment codes, devices."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.cli import central_bundle, central_ca, central_check
from app.cli.arguments import Verbs
from app.cli.central_place import PORT, connection_string, data_folder, modules, place
from app.cli.lines import columns
from app.cli.shell import Shell, stoppable
from app.errors import Invalid, KnownError
from app.i18n import _, format_datetime
from app.models.codelist import codelist
from app.models.regions import regions

_MOST_WORKERS = 32  # each has connections of its own to PostgreSQL


def add_arguments(parser: argparse.ArgumentParser, _name: str) -> None:
    """The verbs of whoever runs the centre."""
    verbs = Verbs(parser)
    init = place(verbs.add("init", init_centre, says=_("make a database a centre; again changes nothing")))
    init.add_argument("--new-epoch", action="store_true", help=_("the database was restored from a backup"))
    serve = place(verbs.add("serve", serve_centre, says=_("answer laptops until stopped (Ctrl+C or SIGTERM)")))
    serve.add_argument("--host", default="127.0.0.1", help=_("address to listen on (127.0.0.1)"))
    serve.add_argument("--port", type=int, default=PORT, help=_("port to listen on (8080); 0 takes a free one"))
    serve.add_argument(
        "--workers", type=int, metavar="N", help=_("processes that answer (one for each processor; 1 with --embedded)")
    )
    serve.add_argument("--tls-cert", type=Path, metavar="FILE", help=_("certificate to show (the one of `ca issue`)"))
    serve.add_argument("--tls-key", type=Path, metavar="FILE", help=_("its private key"))
    office = verbs.add("office", add_office, says=_("offices"))
    office_verbs = Verbs(office)
    add = place(office_verbs.add("add", add_office, says=_("add an office")))
    add.add_argument("--code", required=True, metavar="CODE", help=_("a code of its own, e.g. 3273-UPTD-PPA"))
    add.add_argument("--name", required=True, metavar="NAME", help=_("name of the office"))
    add.add_argument("--type", required=True, metavar="CODE", help=_("kind of agency, e.g. UPTD_PPA"))
    add.add_argument("--region", required=True, metavar="CODE", help=_("district by its Kemendagri code, e.g. 3273"))
    place(office_verbs.add("list", list_offices, says=_("the offices")))
    enrol = place(verbs.add("enrol", enrol_code, says=_("a one-time code for one laptop of an office")))
    enrol.add_argument("--office", required=True, metavar="CODE", help=_("code of the office"))
    enrol.add_argument("--address", metavar="URL", help=_("how laptops reach the centre, if not by its certificate"))
    central_ca.add_arguments(verbs)
    central_bundle.add_arguments(verbs, init, database=_database)
    central_check.add_arguments(verbs, _store)
    listed = place(verbs.add("devices", list_devices, says=_("every laptop that was enrolled")))
    listed.add_argument("--words", action="store_true", help=_("the six words of each, to compare with the laptop"))
    confirm = place(verbs.add("confirm", confirm_device, says=_("the six words of a laptop were compared")))
    confirm.add_argument("device", metavar="DEVICE", help=_("id of the laptop, as `devices` shows it"))
    place(verbs.add("forks", list_forks, says=_("laptops whose workspace was copied or restored")))
    place(verbs.add("doubts", list_doubts, says=_("all that speaks of a copied, restored or older workspace")))
    again = place(verbs.add("reprocess", reprocess, says=_("judge refused work again, after a rule was mended")))
    again.add_argument("--code", action="append", required=True, metavar="CODE", help=_("refused with this word"))
    again.add_argument("--device", default="", metavar="DEVICE", help=_("of this laptop alone"))
    again.add_argument("--dry-run", action="store_true", help=_("only show what would change"))
    revoke = place(verbs.add("revoke", revoke_device, says=_("refuse a laptop from now on")))
    revoke.add_argument("--wipe", action="store_true", help=_("order it to destroy its workspace at its next contact"))
    revoke.add_argument("--reason", default="", metavar="TEXT", help=_("why; whoever holds the laptop reads it"))
    revoke.add_argument("device", metavar="DEVICE", help=_("id of the laptop, as `devices` shows it"))


def init_centre(shell: Shell, wanted: argparse.Namespace) -> int:
    """Tables, roles, the centre's key; what is there already stays."""
    admin = _admin()
    with _database(wanted) as url:
        admin.init(url, data_folder(wanted), new_epoch=wanted.new_epoch)
        if wanted.new_bundle_key:
            central_bundle.renew_key(wanted)
    said = _("The centre is ready. Its key is in {folder}: keep a copy of it in a safe place.").format(
        folder=data_folder(wanted)
    )
    shell.tell({"data": data_folder(wanted)}, lines=[said])
    return 0


def serve_centre(shell: Shell, wanted: argparse.Namespace) -> int:
    """Runs in the foreground; requests at work are finished before it ends."""
    with modules():
        from app.central import admin, serve
        from app.central.config import Config
    with stoppable(), _database(wanted) as url:
        if wanted.embedded:
            admin.init(url, data_folder(wanted))
        config = Config(
            admin.app_url(data_folder(wanted)), data_folder(wanted), shell.now, tls=central_ca.tls_files(wanted)
        )

        def ready(base: str) -> None:
            shell.remark(_("The centre listens on {url}").format(url=base))

        try:
            serve.run(config, host=wanted.host, port=wanted.port, workers=_workers(wanted), ready=ready)
        except OSError as error:
            raise KnownError(
                _("Cannot listen on {host}:{port}: {why}.").format(
                    host=wanted.host, port=wanted.port, why=error.strerror
                )
            ) from None
    shell.remark(_("The centre has stopped."))
    return 0


def _workers(wanted: argparse.Namespace) -> int:
    if wanted.workers is None:
        return 1 if wanted.embedded else min(os.cpu_count() or 1, _MOST_WORKERS)
    if not 1 <= wanted.workers <= _MOST_WORKERS:
        raise Invalid(_("The number of workers lies between 1 and {n}.").format(n=_MOST_WORKERS))
    return int(wanted.workers)


def add_office(shell: Shell, wanted: argparse.Namespace) -> int:
    """With a scope of its own, its public entry, and its line in the directory."""
    _check_office(wanted)
    with _store(wanted) as (admin, store):
        facts = {"code": wanted.code, "name": wanted.name, "agency_type": wanted.type, "region": wanted.region}
        office = admin.add_office(store, **facts, now=shell.now)
    shell.tell(
        {"office": office, **facts}, lines=[_("Added: {name} ({code})").format(name=wanted.name, code=wanted.code)]
    )
    return 0


def list_offices(shell: Shell, wanted: argparse.Namespace) -> int:
    """Code and name of every office."""
    with _store(wanted) as (admin, store):
        found = admin.offices(store)
    rows = [(code, name) for _id, code, name in found]
    document = [{"office": office, "code": code, "name": name} for office, code, name in found]
    shell.tell({"offices": document}, lines=columns((_("Code"), _("Name")), rows))
    return 0


def enrol_code(shell: Shell, wanted: argparse.Namespace) -> int:
    """Valid for a day and five tries; tell it to the office by voice, not by mail."""
    with _store(wanted) as (admin, store):
        address, pin = central_ca.address_and_pin(wanted)
        code = admin.enrol_code(store, office_code=wanted.office, now=shell.now)
    lines = [code, f"{address} {pin}"] if pin else [code]
    shell.tell({"code": code, "office": wanted.office, "address": address, "pin": pin}, lines=lines)
    return 0


def list_devices(shell: Shell, wanted: argparse.Namespace) -> int:
    """Who may synchronise, until when."""
    with _store(wanted) as (admin, store):
        found = admin.devices(store, data_folder(wanted))
    head = (
        _("Device"), _("Office"), _("Letters"), _("Since"), _("Until"), _("Confirmed"), _("Revoked"), _("Batches"),
        *((_("Six words"),) if wanted.words else ()),
    )  # fmt: skip
    rows = [
        (
            device.id, device.office_code, device.tag, format_datetime(device.issued), format_datetime(device.expires),
            format_datetime(device.confirmed), format_datetime(device.revoked), str(device.last_batch),
            *((device.words,) if wanted.words else ()),
        )
        for device in found
    ]  # fmt: skip
    names = ("id", "office_code", "tag", "issued", "expires", "confirmed", "revoked", "last_batch", "words")
    document = [{name: getattr(device, name) for name in names} for device in found]
    shell.tell({"devices": document}, lines=columns(head, rows))
    return 0


def list_forks(shell: Shell, wanted: argparse.Namespace) -> int:
    """The centre kept both sides of every fork; the second is not applied."""
    with _store(wanted) as (admin, store):
        found = admin.forks(store)
    head = (_("Device"), _("Office"), _("Letters"), _("Batch"), _("When"))
    rows = [(f.device, f.office_code, f.tag, str(f.n), format_datetime(f.at)) for f in found]
    document = [
        {"device": f.device, "office_code": f.office_code, "tag": f.tag, "batch": f.n, "at": f.at} for f in found
    ]
    shell.tell({"forks": document}, lines=columns(head, rows))
    return 0


def list_doubts(shell: Shell, wanted: argparse.Namespace) -> int:
    """Forks, audits that ended earlier than the centre had countersigned, and laptops that say so themselves."""
    with _store(wanted) as (admin, store):
        found = admin.incidents(store)
    said = {
        "fork": _("two different batches under one number"),
        "audit_rewound": _("its audit ends before what the centre countersigned"),
        "stale": _("it says itself that its data may be older"),
    }
    head = (_("Device"), _("Office"), _("Letters"), _("What"), _("Number"), _("When"))
    rows = [(i.device, i.office_code, i.tag, said.get(i.code, i.code), str(i.n), format_datetime(i.at)) for i in found]
    names = ("device", "office_code", "tag", "code", "n", "word", "at")
    document = [{name: getattr(incident, name) for name in names} for incident in found]
    shell.tell({"doubts": document}, lines=columns(head, rows))
    return 0


def confirm_device(shell: Shell, wanted: argparse.Namespace) -> int:
    """From now on it may synchronise for as long as its certificate lasts."""
    with _store(wanted) as (admin, store):
        admin.confirm(store, wanted.device)
    shell.tell({"confirmed": wanted.device}, lines=[_("Confirmed: {device}").format(device=wanted.device)])
    return 0


def revoke_device(shell: Shell, wanted: argparse.Namespace) -> int:
    """What it sent stays; from now on it is refused."""
    if wanted.reason and not wanted.wipe:
        raise Invalid(_("--reason belongs to --wipe."))
    with _store(wanted) as (admin, store):
        order = None
        if wanted.wipe:
            order = admin.wipe_order(data_folder(wanted), wanted.device, reason=wanted.reason, now=shell.now)
        admin.revoke(store, wanted.device, order=order)
    lines = [_("Refused from now on: {device}").format(device=wanted.device)]
    if wanted.wipe:
        lines.append(_("It will be told to destroy its workspace when it next reaches the centre."))
    shell.tell({"revoked": wanted.device, "wipe": wanted.wipe}, lines=lines)
    return 0


def reprocess(shell: Shell, wanted: argparse.Namespace) -> int:
    """From the raw bytes, in their order; what is taken is told to its laptop at its next sync."""
    with modules():
        from app.central.again import Choice, Court
        from app.central.keys import load_key
    choice = Choice(frozenset(wanted.code), wanted.device.replace("-", ""))
    with _store(wanted) as (_central, store):
        court = Court(store, shell.now, load_key(data_folder(wanted)).public)
        found = court.judge(choice, dry_run=wanted.dry_run)
    head = (_("Device"), _("Batch"), _("Position"), _("Kind"), _("Before"), _("Now"))
    rows = [(a.device, str(a.n), str(a.position), a.kind, _word(a.before), _word(a.after)) for a in found.changed]
    names = ("device", "batch", "position", "kind", "before", "now")
    document = {
        "changed": [dict(zip(names, row, strict=True)) for row in rows], "same": found.same,
        "erased": len(found.gone), "unreadable": len(found.unreadable), "dry_run": wanted.dry_run,
    }  # fmt: skip
    shell.tell(document, lines=[*columns(head, rows), *_rejudged(found, dry_run=wanted.dry_run)])
    return 0


def _word(outcome: Any) -> str:
    return f"{outcome.status} {outcome.code}".strip()


def _rejudged(found: Any, *, dry_run: bool) -> list[str]:
    said = [_("Refused as before: {n}").format(n=found.same)]
    if found.gone:
        said.append(_("Batches without bytes, because something in them was erased: {n}").format(n=len(found.gone)))
    if found.unreadable:
        said.append(_("Batches that cannot be read here: {n}").format(n=len(found.unreadable)))
    if dry_run:
        said.append(_("Nothing was changed: this was a dry run."))
    return said


@contextmanager
def _reachable() -> Iterator[None]:
    """A database that does not answer, or not to this role, is the environment's fault."""
    try:
        yield
    except Exception as error:
        kind = type(error)
        said = {
            "OperationalError": _("The database does not answer. Check that it runs, and its address."),
            "InsufficientPrivilege": _("This role may not do that. Give the owner's connection string."),
        }.get(kind.__name__)
        if said is None or not kind.__module__.startswith("psycopg"):
            raise
        raise KnownError(said) from None


def _admin() -> Any:
    with modules():
        from app.central import admin
    return admin


@contextmanager
def _database(wanted: argparse.Namespace) -> Iterator[str]:
    """The owner's connection string; an embedded server runs as long as the block."""
    address = connection_string(wanted)
    if address:
        with _reachable():
            yield address
        return
    with modules():
        from app.central import embedded
    server = embedded.start(wanted.embedded)
    try:
        yield server.url("owner")
    finally:
        server.stop()


@contextmanager
def _store(wanted: argparse.Namespace) -> Iterator[tuple[Any, Any]]:
    """(the administration, the owner's store)."""
    admin = _admin()
    from app.central.store import Store

    admin.app_url(data_folder(wanted))  # says so if there is no centre yet
    with _database(wanted) as url:
        store = Store(url)
        try:
            yield admin, store
        finally:
            store.close()


def _check_office(wanted: argparse.Namespace) -> None:
    problems = [
        (option, _("There is no code “{code}” in the list.").format(code=code))
        for option, code, known in (
            ("--type", wanted.type, wanted.type in codelist("agency_type")),
            ("--region", wanted.region, wanted.region in regions() and len(wanted.region) == 4),
        )
        if not known
    ]
    if problems:
        raise Invalid(_("The office was not added."), problems)
