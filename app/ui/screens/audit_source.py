"""The audit as a list shows it: its columns, and numbers and rows from the service, a hundred thousand if need be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from app.i18n import N_, _, ngettext
from app.services import audit_log, audit_words
from app.services.audit_log import AuditLine, AuditQuery
from app.services.desk import Desk
from app.ui import presenting
from app.ui.table import Column, Query
from app.ui.theme import Tone
from app.ui.workplace import Workplace

Choices = Sequence[tuple[str, str]]
DAYS = (0, 7, 30, 90)
LOUD = {"failed_sign_ins": Tone.WARN, "accept_older": Tone.WARN, "restore": Tone.WARN, "erase": Tone.DANGER}


def audit_query(query: Query, desk: Desk) -> AuditQuery:
    """What a list's query means to the service."""
    filters = dict(query.filters)
    since = desk.today() - timedelta(days=int(filters["since"])) if "since" in filters else None
    return AuditQuery(
        number=query.text, since=since, user=filters.get("user", ""), group=filters.get("group", ""),
        device=filters.get("device", ""),
    )  # fmt: skip


class AuditSource:
    """Keys of the list are numbers of links."""

    def __init__(self, place: Workplace) -> None:
        self._place = place

    def ids(self, query: Query) -> Sequence[int]:
        """All numbers, newest first."""
        return audit_log.seqs(self._place.desk, audit_query(query, self._place.desk))

    def rows(self, ids: Sequence[int]) -> Sequence[AuditLine | None]:
        """One line per number."""
        found = {line.seq: line for line in audit_log.rows(self._place.desk, list(ids))}
        return [found.get(seq) for seq in ids]


def audit_columns(place: Workplace) -> tuple[Column, ...]:
    """Who, when, what, about which case, which fields, on which laptop."""
    here = place.desk.actor.device
    return (
        Column("at", N_("When"), 136, text=lambda at: presenting.when(at, place.now()), sortable=False),
        Column("who", N_("Who"), 128, sortable=False, style="strong"),
        Column(
            "sentence", N_("What was done"), 292, whole_row=True, sortable=False,
            text=lambda line: line.sentence, tone=lambda line: LOUD.get(line.action),
            mark=lambda line: "warning" if line.action in LOUD else "",
        ),
        Column("about", N_("About"), 136, text=lambda about: about or presenting.NOTHING, sortable=False),
        Column(
            "labels", N_("Fields"), 240, text=audit_words.field_line, sortable=False, style="muted", stretch=True
        ),
        Column("device", N_("Laptop"), 104, text=lambda device: laptop_name(device, here), sortable=False,
               style="muted"),
    )  # fmt: skip


def laptop_name(device: str, here: str) -> str:
    """'This laptop', or the beginning of the number of one that this workspace was on before."""
    return _("This laptop") if device == here else device[:8]


def filter_words(name: str, value: str, *, names: dict[str, str], here: str) -> tuple[str, Tone]:
    """The words of a filter in force and what their colour means."""
    if name == "since":
        return day_words(int(value)), Tone.INFO
    if name == "user":
        return names.get(value, value[:8]), Tone.NEUTRAL
    if name == "device":
        return laptop_name(value, here), Tone.NEUTRAL
    return _(audit_words.GROUPS[value][0]), Tone.GOOD


def day_words(days: int) -> str:
    """'Today', 'Last 7 days'."""
    if not days:
        return _("Today")
    return ngettext("Last {n} day", "Last {n} days", days).format(n=days)


class AuditFilters(QMenu):
    """The menu to choose filters from; `chosen(name, value)` is called with one, `reset()` takes all away."""

    def __init__(
        self, owner: QWidget, *, people: Sequence[tuple[str, str]], devices: Sequence[tuple[str, str]]
    ) -> None:
        super().__init__(owner)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.picked = ("", "")
        self._below(_("Since"), "since", [(str(days), day_words(days)) for days in DAYS])
        groups = [(name, _(words)) for name, (words, _actions) in audit_words.GROUPS.items()]
        self._below(_("What was done"), "group", groups)
        self._below(_("Who"), "user", people)
        if len(devices) > 1:
            self._below(_("Laptop"), "device", devices)
        self.addSeparator()
        self.addAction(_("Show all entries")).triggered.connect(partial(self._pick, "", ""))

    def _below(self, title: str, name: str, choices: Choices) -> None:
        menu = self.addMenu(title)
        for value, words in choices:
            menu.addAction(words.replace("&", "&&")).triggered.connect(partial(self._pick, name, value))

    def _pick(self, name: str, value: str, _checked: bool = False) -> None:
        self.picked = (name, value)
