"""Reads the command line, runs one command, and turns what went wrong into a sentence and an exit code."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from app import __version__, i18n
from app.cli.arguments import Misunderstood, Parser, common, split
from app.cli.bugs import bug_report
from app.cli.shell import Shell
from app.errors import Invalid, KnownError, UserError
from app.i18n import N_, _

DONE, BUG, USER, ENVIRONMENT, STOPPED = 0, 1, 2, 3, 130

# name -> (module, what it says of itself: the first line of the module's docstring)
GROUPS: dict[str, tuple[str, str]] = {
    "init": ("app.cli.beginning", N_("Create a workspace for an office, with its first user.")),
    "enrol": ("app.cli.enrol", N_("Enrol this laptop with the centre.")),
    "case": ("app.cli.case", N_("Cases: list, show, enter, export, close.")),
    "import": (
        "app.cli.importing",
        N_("Spreadsheets: take the rows of a file in as cases, list what came in, undo it."),
    ),
    "attachment": (
        "app.cli.attachment",
        N_("Attachments: add a photograph or a scan to a case, list them, take one out."),
    ),
    "referral": ("app.cli.referral", N_("Referrals: list, send, answer.")),
    "sync": ("app.cli.sync", N_("Synchronise with the centre, or see what would be sent.")),
    "bundle": ("app.cli.bundle", N_("Synchronise without a link: a sealed file to the centre, its answer back.")),
    "report": ("app.cli.report", N_("Reports as files, reduced to what their recipient may see.")),
    "statistics": ("app.cli.statistics", N_("Tables of counts in which no small number can be read or worked out.")),
    "backup": ("app.cli.backup", N_("Back up the workspace, look after the backups, and restore one.")),
    "recovery": ("app.cli.recovery", N_("Recovery keys on paper, and the escrow of this workspace.")),
    "recover": ("app.cli.recover", N_("Back into a workspace without its passwords: two people with a key each.")),
    "keystore": (
        "app.cli.keystore",
        N_("The keystore of this system beside your password: without both this laptop's files open nothing."),
    ),
    "erase": ("app.cli.erase", N_("Erase cases and persons for good: ask, decide, certify; what is past its period.")),
    "audit": ("app.cli.audit", N_("The audit: who did what and when, and whether its chain is whole.")),
    "verify": (
        "app.cli.verify",
        N_("Check the file, the audit chain, and the last receipt of the centre; or compare with the centre itself."),
    ),
    "office": ("app.cli.office", N_("This office's laptops, and who of them may read what is sealed.")),
    "central": ("app.cli.central", N_("The centre: set up, serve, offices, enrolment codes, devices.")),
    "demo": ("app.cli.demo", N_("Two offices and a centre with sample cases, played from end to end.")),
}
CODES = N_(
    "Exit codes: 0 done; 1 a fault of the program (a report without record content is on the standard error);\n"
    "2 something to be put right: the command line, an entry, a permission; 3 the environment: the disk, the network,\n"
    "a damaged file, a sync that is not finished. Without a command the window opens."
)


def run(arguments: Sequence[str], *, shell: Shell | None = None) -> int:
    """Run what the arguments say; the exit code. The shell is the seam for tests: clock, streams, vault."""
    shell = shell or Shell()
    try:
        return _dispatch(arguments, shell)
    except UserError as error:
        shell.remark(_sentence(error))
        return USER
    except KnownError as error:
        shell.remark(str(error))
        return ENVIRONMENT
    except KeyboardInterrupt:
        shell.remark(_("Stopped. What was finished before is kept."))
        return STOPPED
    except BrokenPipeError:  # whoever read our output went away: `naungan case list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:
        shell.remark(bug_report(error))
        return BUG


def _dispatch(arguments: Sequence[str], shell: Shell) -> int:
    _speak(arguments, shell)
    options, rest = split(arguments)
    shell = replace(shell, options=options)
    if not rest:
        window: Any = importlib.import_module("app.cli.window")
        shown: int = window.show(shell)
        return shown
    if rest[0] in ("-h", "--help"):
        print(_help(), file=shell.out)
        return DONE
    if rest[0] == "--version":
        print(f"naungan {__version__}", file=shell.out)
        return DONE
    if rest[0] not in GROUPS:
        known = ", ".join(GROUPS)
        raise Misunderstood(_("There is no command “{name}”. There are: {known}.").format(name=rest[0], known=known))
    return _command(rest[0], rest[1:], shell)


def _speak(arguments: Sequence[str], shell: Shell) -> None:
    """Choose the language before anything can go wrong."""
    wanted = shell.environ.get("NAUNGAN_LANGUAGE", "id")
    for word, following in zip(arguments, [*arguments[1:], ""], strict=False):
        if word == "--language":
            wanted = following
        elif word.startswith("--language="):
            wanted = word.partition("=")[2]
    i18n.use(wanted)


def _command(name: str, words: list[str], shell: Shell) -> int:
    module = importlib.import_module(GROUPS[name][0])  # only what this command needs is loaded
    parser = Parser(prog=f"naungan {name}", description=_(GROUPS[name][1]))
    add: Callable[[argparse.ArgumentParser, str], None] = module.add_arguments
    add(parser, name)
    try:
        chosen = parser.parse_args(words)
    except SystemExit:  # --help has been printed
        return DONE
    verb: Callable[[Shell, Any], int] = chosen.run
    return verb(shell, chosen)


def _help() -> str:
    parser = common()
    parser.prog = "naungan"
    parser.usage = (
        "naungan [--workspace DIR] [--user LOGIN] [--passphrase-file FILE] [--language id|en] [--json] [COMMAND ...]"
    )
    width = max(map(len, GROUPS)) + 2
    commands = "\n".join(f"  {name:<{width}}{_(says)}" for name, (_module, says) in GROUPS.items())
    more = _("`naungan COMMAND --help` says more about one of them.")
    parser.description = _("Case and referral work for offices that help victims of human trafficking.")
    parser.epilog = "\n\n".join([f"{_('Commands')}:\n{commands}", more, _(CODES)])
    return parser.format_help()


def _sentence(error: UserError) -> str:
    """The sentence, and below it every problem that it does not say already."""
    if not isinstance(error, Invalid):
        return str(error)
    said = str(error)
    return "\n".join([said, *(f"  {field}: {problem}" for field, problem in error.problems if problem not in said)])
