"""How the command line is read: options that every command takes, and a parser that speaks like the rest of Naungan."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from app.errors import UserError
from app.i18n import LANGUAGES, N_, _

Verb = Callable[..., int]


class Misunderstood(UserError):
    """The command line cannot be read."""


class _Formatter(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=32, width=110)

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: Any = None) -> None:  # signature: argparse
        """The usage under our own heading."""
        super().add_usage(usage, actions, groups, prefix or _("Usage: "))


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are errors of ours and whose help is in the chosen language."""

    def __init__(self, **settings: Any) -> None:
        wanted = settings.pop("add_help", True)
        super().__init__(add_help=False, allow_abbrev=False, formatter_class=_Formatter, **settings)
        self._positionals.title, self._optionals.title = _("What"), _("Options")
        if wanted:
            self.add_argument("-h", "--help", action="help", help=_("show this help"))

    def error(self, message: str) -> NoReturn:
        """Misunderstood, with argparse's complaint in our words."""
        said = _("The command line cannot be understood: {detail}.").format(detail=_in_our_words(message))
        raise Misunderstood(said + "\n" + _("How it is written: {command} --help").format(command=self.prog))


# what argparse says in English only -> what it means
_COMPLAINTS: tuple[tuple[str, str], ...] = (
    (
        r"argument (?P<what>.+?): invalid choice: '?(?P<value>.*?)'? \(choose from (?P<choices>.*)\)",
        N_("{what} takes one of {choices}, not “{value}”"),
    ),
    (r"argument (?P<what>.+?): invalid int value: '(?P<value>.*)'", N_("{what} takes a number, not “{value}”")),
    (r"argument (?P<what>.+?): expected .*argument.*", N_("something is missing after {what}")),
    (r"the following arguments are required: (?P<what>.*)", N_("{what} is missing")),
    (r"one of the arguments (?P<what>.*) is required", N_("one of these is needed: {what}")),
    (r"argument (?P<what>.+?): not allowed with argument (?P<other>.*)", N_("{what} does not go with {other}")),
    (r"unrecognized arguments: (?P<what>.*)", N_("{what} means nothing here")),
)


def _in_our_words(complaint: str) -> str:
    """The complaint in the chosen language; one that argparse learnt since is passed on as it is."""
    for pattern, words in _COMPLAINTS:
        if found := re.fullmatch(pattern, complaint, re.DOTALL):
            told = found.groupdict()
            told |= {"choices": told["choices"].replace("'", "")} if "choices" in told else {}
            return _(words).format(**told)
    return complaint


class Verbs:
    """The verbs of a group: `case list`, `case show`."""

    def __init__(self, parser: argparse.ArgumentParser, *, required: bool = True) -> None:
        self._prog = parser.prog
        self._parsers = parser.add_subparsers(
            dest="verb", required=required, metavar="…", title=_("What"), parser_class=Parser
        )

    def add(self, name: str, verb: Verb, *, says: str, more: str = "") -> argparse.ArgumentParser:
        """One verb; `says` is its line in the list, `more` what its own help explains."""
        parser: argparse.ArgumentParser = self._parsers.add_parser(
            name, prog=f"{self._prog} {name}", help=says, description=f"{says}\n\n{more}" if more else says
        )
        parser.set_defaults(run=verb)
        return parser


def common() -> Parser:
    """The options every command takes, wherever they stand on the line."""
    parser = Parser(prog="naungan", add_help=False)
    parser.add_argument("--workspace", metavar="DIR", help=_("folder of the workspace"))
    parser.add_argument("--user", metavar="LOGIN", help=_("who signs in; not needed when only one person can"))
    parser.add_argument(
        "--passphrase-file", metavar="FILE", help=_("file whose first line is the passphrase; else it is asked for")
    )
    parser.add_argument("--language", choices=tuple(LANGUAGES), help=_("language of the answers"))
    parser.add_argument("--json", action="store_true", help=_("one JSON document on the standard output"))
    return parser


def split(arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """(the common options, everything else in its order)."""
    return common().parse_known_args(list(arguments))
