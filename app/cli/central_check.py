"""`naungan central verify`: the centre's digests and numbers, recomputed from the contents."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import Any

from app.cli.arguments import Verbs
from app.cli.central_place import modules, place
from app.cli.lines import columns
from app.cli.shell import Shell
from app.i18n import N_, _
from app.models.kind_names import kind_name

UNSOUND = 3

WRONG = {
    "digest": N_("the digest is not that of the records"),
    "count": N_("the number of records is not that of the records"),
    "numbers": N_("the numbers have a hole"),
    "line": N_("its line in the feed is missing or another one"),
    "item": N_("its digest is not that of its content"),
    "record": N_("the feed says something else than the record"),
}


def add_arguments(
    verbs: Verbs, opened: Callable[[argparse.Namespace], AbstractContextManager[tuple[Any, Any]]]
) -> None:
    """`opened` gives the owner's store, and keeps an embedded server running in its block."""

    def run(shell: Shell, wanted: argparse.Namespace) -> int:
        with modules():
            from app.central.check import check
        with opened(wanted) as (_central, store):
            found = check(store)
        rows = [(one.scope, _entry(one.kind, one.record), _(WRONG[one.what])) for one in found]
        sound = [_("Every digest and number is sound.")]
        lines = columns((_("Scope"), _("Entry"), _("Wrong")), rows) if rows else sound
        shell.tell({"sound": not found, "wrong": [asdict(one) for one in found]}, lines=lines)
        return UNSOUND if found else 0

    verify = place(verbs.add("verify", run, says=_("recompute every digest and number from the contents")))
    verify.epilog = _("Exit code 0: sound. 3: something is wrong, said in words.")


def _entry(kind: str, record: str) -> str:
    return f"{kind_name(kind)} {record}" if record else ""
