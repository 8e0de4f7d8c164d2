"""The forms of the intake, one page per step: their values, their problems, and where the keyboard goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app.i18n import _
from app.ui import presenting, theme
from app.ui.form import Form
from app.ui.screens.intake_steps import (
    OF_CASE,
    PARTS,
    SAFETY,
    STEPS,
    VICTIM,
    Part,
    StepPlan,
    Values,
    is_answered,
    make_form,
    supposed,
    title_of,
)
from app.ui.widgets.basics import Card, text
from app.ui.workplace import Workplace


class IntakePages(QStackedWidget):
    """`changed(part, key)` after every answer. `here` is the step shown, `seen` those that were."""

    changed = Signal(str, str)

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        self.place, self.here, self.seen = place, 0, {0}
        self.forms: dict[str, Form] = {}
        for part in PARTS:
            form = make_form(place.desk, part, others=partial(_committed, self.forms, part))
            form.changed.connect(partial(self._changed, part))
            self.forms[part.name] = form
        for step in STEPS:
            self.addWidget(_page(step, self.forms))
        self.clear()

    # going

    def go_to(self, number: int) -> None:
        """Show a step and give its first field the keyboard."""
        self.commit()
        self.here = number
        self.seen.add(number)
        self.setCurrentIndex(number)
        self.focus_first()

    def focus_first(self) -> None:
        """The keyboard goes to the first field of the step."""
        form = self.forms[STEPS[self.here].parts[0].name]
        next(iter(form.boxes.values())).editor.target.setFocus(Qt.FocusReason.OtherFocusReason)

    # values

    def answers(self) -> dict[str, Values]:
        """The values of all forms; what is being typed is committed first."""
        return {name: form.values() for name, form in self.forms.items()}

    def committed(self) -> dict[str, Mapping[str, Any]]:
        """The values of all forms as they were last committed."""
        return {name: form.committed for name, form in self.forms.items()}

    def commit(self) -> None:
        """Commit what is being typed in this step."""
        for part in STEPS[self.here].parts:
            self.forms[part.name].values()

    def person(self) -> Values:
        """What is known of the victim."""
        safety = self.forms[SAFETY.name].committed
        return {**self.forms[VICTIM.name].committed, **{k: v for k, v in safety.items() if k not in OF_CASE}}

    def fill(self, forms: Mapping[str, Mapping[str, Any]]) -> None:
        """Put back what stood in a draft."""
        self.clear()
        for name, values in forms.items():
            if name in self.forms:
                restored = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
                self.forms[name].set_values(restored)
        self._say_age()

    def fill_person(self, values: Mapping[str, Any]) -> None:
        """Show somebody who is known already."""
        for name in (VICTIM.name, SAFETY.name):
            form = self.forms[name]
            form.set_values({key: value for key, value in values.items() if key in form.boxes and key not in OF_CASE})
        self._say_age()

    def clear(self) -> None:
        """Begin anew."""
        self.seen = {0}
        for part in PARTS:
            form = self.forms[part.name]
            form.set_values({**dict.fromkeys(form.boxes), **supposed(self.place.desk, part)})
        self._say_age()

    # problems

    def check(self, number: int) -> bool:
        """Check a step as if it were to be saved; what is missing takes the keyboard."""
        self.commit()
        return all(self._is_wanted(part) is False or self.forms[part.name].validate() for part in STEPS[number].parts)

    def is_ready(self, number: int) -> bool:
        """Whether nothing of a step stands in the way, without showing or moving anything."""
        return all(not self._lacking(part) for part in STEPS[number].parts)

    def is_done(self, number: int) -> bool:
        """Whether a step was answered and nothing is missing in it."""
        parts = STEPS[number].parts
        return self.is_ready(number) and any(is_answered(p, self.forms[p.name].committed) for p in parts)

    def states(self) -> Sequence[tuple[str, bool, int]]:
        """(title, answered, problems) of every part."""
        return [(title_of(p), is_answered(p, self.forms[p.name].committed), len(self._lacking(p))) for p in PARTS]

    def show_problems(self, found: Sequence[tuple[str, str]]) -> int | None:
        """Show what the saving found; the step of the first, None when no form has such a field."""
        for number, step in enumerate(STEPS):
            for part in step.parts:
                mine = [(key, words) for key, words in found if key in self.forms[part.name].boxes]
                if mine and self._is_wanted(part):
                    self.forms[part.name].show_problems(mine)
                    return number
        return None

    def next_problem(self) -> bool:
        """Go to the next problem of this step."""
        return any(self.forms[part.name].next_problem() for part in STEPS[self.here].parts)

    # inside

    def _is_wanted(self, part: Part) -> bool:
        return part.must or is_answered(part, self.forms[part.name].committed)

    def _lacking(self, part: Part) -> list[str]:
        if not self._is_wanted(part):
            return []
        form = self.forms[part.name]
        empty = [k for k, box in form.boxes.items() if box.declared.required and form.committed[k] in (None, "", ())]
        wrong = [k for k, box in form.boxes.items() if any(p.severity == "error" for p in box.problems)]
        return list(dict.fromkeys([*empty, *wrong]))

    def _changed(self, part: Part, key: str) -> None:
        form = self.forms[part.name]
        if part is VICTIM and key in ("birth_date", "age"):
            self._say_age()
        if part is VICTIM and key in ("birth_date", "sex") and form.committed["nik"]:
            form.put("nik", form.committed["nik"])  # it is checked against sex and date
        self.changed.emit(part.name, key)

    def _say_age(self) -> None:
        form = self.forms[VICTIM.name]
        known = form.committed
        age = presenting.age_line(known["birth_date"], known["age"], self.place.desk.today())
        form.set_hint("birth_date", age if known["birth_date"] else _(form.boxes["birth_date"].declared.help))


def _committed(forms: Mapping[str, Form], part: Part) -> Mapping[str, Any]:
    """What stands in a form; it is asked for while the form is being made."""
    return forms[part.name].committed if part.name in forms else {}


def _page(step: StepPlan, forms: Mapping[str, Form]) -> QScrollArea:
    """The parts of a step below one another, scrolling when they must."""
    ground = QWidget()
    theme.mark(ground, role="body")
    inner = QVBoxLayout(ground)
    inner.setContentsMargins(0, 0, 0, 0)
    inner.setSpacing(theme.px(12))
    for part in step.parts:
        card = Card(title_of(part))
        if part.note:
            card.body.addWidget(text(_(part.note), role="muted", wrap=True))
        card.body.addWidget(forms[part.name])
        inner.addWidget(card)
    inner.addStretch(1)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(ground)
    return area
