"""What an office sets for itself, as three short lists: days nobody works, limits of deadlines, entries of lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtWidgets import QComboBox, QPushButton, QVBoxLayout, QWidget

from app.i18n import N_, _, format_date, format_number
from app.models.code_entry import CodeEntry
from app.models.codelist import label
from app.models.deadline_rules import LOCAL
from app.models.task import DeadlineLimit, Holiday
from app.services import code_lists, office_limits
from app.services.code_lists import CodeLine
from app.services.office_limits import HolidayLine, LimitLine
from app.ui import theme
from app.ui.dialogs import Asked, FormDialog
from app.ui.held_source import HeldSource
from app.ui.table import Column, PagedModel
from app.ui.table_view import TableView
from app.ui.theme import Tone
from app.ui.widgets.basics import button, text
from app.ui.widgets.flow import FlowLayout, empty
from app.ui.workplace import Workplace


class ListTab(QWidget):
    """A short list and what may be done to the chosen entry; who inherits says what it holds."""

    key = "id"
    hint = ""

    def __init__(self, place: Workplace, *, name: str, columns: Sequence[Column]) -> None:
        super().__init__()
        theme.mark(self, role="body")
        self.place = place
        self.source: HeldSource[Any] = HeldSource(self.key)
        self.model = PagedModel(self.source, columns=columns)
        self.table = TableView(self.model, name=name)
        self.table.chosen.connect(lambda _key: self._show())
        self.table.opened.connect(lambda _key: self.open_chosen())
        holder = QWidget()
        self._flow = FlowLayout(holder, gap=theme.px(8))
        self.head = QVBoxLayout()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.px(10), 0, 0)
        layout.setSpacing(theme.px(10))
        layout.addWidget(text(_(self.hint), role="muted", wrap=True))
        layout.addLayout(self.head)
        layout.addWidget(self.table, 1)
        layout.addWidget(holder)

    def load(self) -> None:
        """Read it behind the screen."""
        self.place.load(self.read, owner=self, then=self.show_lines)

    def read(self) -> Sequence[Any]:
        """The lines."""
        raise NotImplementedError

    def deeds(self, line: Any) -> Sequence[QPushButton]:
        """The buttons; `line` is None while nothing is chosen."""
        raise NotImplementedError

    def open_chosen(self) -> None:
        """Enter."""

    def chosen(self) -> Any:
        """The current line, None without one."""
        return self.source.items.get(self.table.current_id() or "")

    def show_lines(self, lines: Sequence[Any]) -> None:
        """Show what was read."""
        self.source.put(lines)
        self.model.refresh()
        if self.table.current_id() is None and lines:
            self.table.choose(self.model.id_at(0))
        self._show()

    def ask(self, asked: Asked) -> None:
        """Open a dialog; the list is read anew when it is saved."""
        FormDialog(self.place, asked, parent=self.window()).open()

    def save(self, deed: Callable[[], Any]) -> None:
        """Do it behind the screen."""
        self.place.save(deed, owner=self)

    def _show(self) -> None:
        empty(self._flow)
        for one in self.deeds(self.chosen()):
            self._flow.addWidget(one)


class Holidays(ListTab):
    """Days nobody works; those that follow the moon are to be checked each year."""

    hint = N_("Working days leave these out. Check the movable ones each year against the joint decree.")

    def __init__(self, place: Workplace) -> None:
        columns = (
            Column("day", N_("Day"), 170, text=lambda day: format_date(day), style="strong"),
            Column("name", N_("Name"), 240, stretch=True),
            Column(
                "applies", N_("State"), 220, whole_row=True, text=_holiday_words,
                tone=lambda line: None if line.is_sure and line.applies else Tone.WARN,
            ),
        )  # fmt: skip
        super().__init__(place, name=_("Holidays"), columns=columns)

    def read(self) -> Sequence[HolidayLine]:
        """All of them by day."""
        return office_limits.holidays(self.place.desk)

    def show_lines(self, lines: Sequence[HolidayLine]) -> None:
        """From today on; what has passed is reached by scrolling up."""
        super().show_lines(lines)
        today = self.place.desk.today()
        coming = next((line for line in lines if line.day >= today), None)
        if coming is not None and self.table.currentIndex().row() < 1:
            self.table.choose(coming.id)

    def deeds(self, line: HolidayLine | None) -> Sequence[QPushButton]:
        """Add; confirm, or say that people work."""
        desk, found = self.place.desk, [button(_("New holiday…"), clicked=self.add)]
        if line is not None:
            day = line.day.isoformat()
            if line.applies and not line.is_sure:
                found.append(button(_("It is this day"), clicked=lambda: self.save(
                    lambda: office_limits.keep_holiday(desk, day)
                )))  # fmt: skip
            words, deed = (
                (_("Does not apply"), office_limits.drop_holiday) if line.applies
                else (_("Applies again"), office_limits.keep_holiday)
            )  # fmt: skip
            found.append(button(words, clicked=lambda: self.save(lambda: deed(desk, day))))
        return found

    def add(self) -> None:
        """A day of the office's own."""
        desk = self.place.desk
        self.ask(
            Asked(
                Holiday, _("New holiday"), ("day", "name"),
                lambda values: office_limits.add_holiday(desk, day=values["day"] or "", name=values["name"] or ""),
            )
        )  # fmt: skip


class Limits(ListTab):
    """How long the office gives itself."""

    key = "code"
    hint = N_("The office may be quicker than a law, never slower. Local standards count where switched on.")

    def __init__(self, place: Workplace) -> None:
        columns = (
            Column("title", N_("Deadline"), 300, stretch=True, style="strong"),
            Column("rule", N_("Here"), 130, text=_limit_words, tone=lambda rule: None if rule.active else Tone.WARN),
            Column("shipped", N_("By the rule"), 120, style="muted", text=lambda rule: _length(rule.limit)),
            Column("law", N_("Law"), 170, style="muted"),
        )
        super().__init__(place, name=_("Limits"), columns=columns)

    def read(self) -> Sequence[LimitLine]:
        """Every rule with a limit."""
        return office_limits.limits(self.place.desk)

    def deeds(self, line: LimitLine | None) -> Sequence[QPushButton]:
        """Another limit; a local standard on or off."""
        if line is None:
            return ()
        found, desk, own = [button(_("Own limit…"), clicked=self.open_chosen)], self.place.desk, _own(line)
        if line.shipped.origin == LOCAL:
            words = _("Switch off") if line.rule.active else _("Switch on")
            found.append(button(words, clicked=lambda: self.save(
                lambda: office_limits.set_limit(desk, line.code, **own, active=not line.rule.active)
            )))  # fmt: skip
        return found

    def open_chosen(self) -> None:
        """Ask for the limit of the chosen rule."""
        line, desk = self.chosen(), self.place.desk
        active = line.rule.active if line.shipped.origin == LOCAL else None

        def deed(values: dict[str, Any]) -> Any:
            return office_limits.set_limit(
                desk, line.code, amount=values["amount"], unit=values["unit"], active=active
            )  # fmt: skip

        note = _("By the rule: {limit}. Leave both empty to go back to it.").format(limit=_length(line.shipped.limit))
        self.ask(Asked(DeadlineLimit, line.title, ("amount", "unit"), deed, values=_own(line), note=note))


class Lists(ListTab):
    """The entries of one list."""

    key = "code"
    hint = N_("Entries are renamed or retired, never deleted: what was saved with one keeps it.")

    def __init__(self, place: Workplace) -> None:
        columns = (
            Column("label_id", N_("Indonesian"), 260, stretch=True, style="strong"),
            Column("label_en", N_("English"), 240),
            Column(
                "retired", N_("State"), 190, whole_row=True, text=_code_words,
                tone=lambda line: Tone.WARN if line.retired else None,
            ),
        )  # fmt: skip
        super().__init__(place, name=_("Entries of the list"), columns=columns)
        self.which = QComboBox()
        self.which.setAccessibleName(_("List"))
        for name, words in sorted(((n, _(w)) for n, w in code_lists.EDITABLE.items()), key=lambda one: one[1]):
            self.which.addItem(words, name)
        self.which.currentIndexChanged.connect(lambda _at: self.load())
        self.head.addWidget(self.which)

    @property
    def name(self) -> str:
        """The list that is shown."""
        return str(self.which.currentData())

    def read(self) -> Sequence[CodeLine]:
        """Its entries, retired ones included."""
        return code_lists.entries(self.name)

    def deeds(self, line: CodeLine | None) -> Sequence[QPushButton]:
        """Add; rename; retire or offer again."""
        desk, name, found = self.place.desk, self.name, [button(_("New entry…"), clicked=self.add)]
        if line is not None:
            found.append(button(_("Rename…"), clicked=self.open_chosen))
            if line.retired:
                again = lambda: self.save(lambda: code_lists.offer_code(desk, name, line.code))  # noqa: E731
                found.append(button(_("Offer again"), clicked=again))
            elif not line.in_rules:
                retire = lambda: self.save(lambda: code_lists.retire_code(desk, name, line.code))  # noqa: E731
                found.append(button(_("Retire"), clicked=retire))
        return found

    def add(self) -> None:
        """A new entry."""
        desk, name = self.place.desk, self.name
        self.ask(Asked(CodeEntry, _("New entry"), ("label_id", "label_en"),
                       lambda values: code_lists.add_code(desk, name, **_words(values))))  # fmt: skip

    def open_chosen(self) -> None:
        """Other words for the chosen entry."""
        desk, name, line = self.place.desk, self.name, self.chosen()
        self.ask(
            Asked(
                CodeEntry, _("Rename the entry"), ("label_id", "label_en"),
                lambda values: code_lists.rename_code(desk, name, line.code, **_words(values)),
                values={"label_id": line.label_id, "label_en": line.label_en},
            )
        )  # fmt: skip


def _words(values: dict[str, Any]) -> dict[str, str]:
    return {key: values[key] or "" for key in ("label_id", "label_en")}


def _own(line: LimitLine) -> dict[str, Any]:
    """The office's own limit; nothing where it is the shipped one."""
    if line.rule.limit == line.shipped.limit:
        return {"amount": None, "unit": None}
    return {"amount": line.rule.amount, "unit": line.rule.unit}


def _length(limit: tuple[int, str]) -> str:
    return f"{format_number(limit[0])} {label('time_unit', limit[1])}"


def _limit_words(rule: Any) -> str:
    return _length(rule.limit) if rule.active else _("Switched off")


def _holiday_words(line: HolidayLine) -> str:
    if not line.applies:
        return _("Does not apply")
    return _("Own entry, or confirmed") if line.is_own else "" if line.is_sure else _("To be checked")


def _code_words(line: CodeLine) -> str:
    said = [_("Retired") if line.retired else "", _("Own entry") if line.is_own else ""]
    return " \u00b7 ".join([*filter(None, said), *([_("A deadline needs it")] if line.in_rules else [])])
