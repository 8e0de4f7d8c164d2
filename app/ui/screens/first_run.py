"""The first run: five pages, and the laptop can be worked with, also without any network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QRadioButton,
    QVBoxLayout,
    QWidget,
    QWizard,
    QWizardPage,
)

from app import context as contexts
from app import i18n
from app.context import Clock, Context, NewUser
from app.errors import KnownError, UserError
from app.i18n import _
from app.models.dates import parse_date
from app.models.field import Field, field_map
from app.models.office import Office, User
from app.services.first_run import Beginning
from app.sync.meeting import read_address
from app.ui import problems, theme
from app.ui.field_editors import FormTools
from app.ui.form import Form
from app.ui.form_tools import DISTRICT, choices, region_finder
from app.ui.jobs import Jobs, Step
from app.ui.screens.enrolment import EnrolFields, enrol_laptop
from app.ui.screens.new_password import NewPassword
from app.ui.widgets.basics import only_if, text
from app.ui.widgets.feedback import ProgressLine
from app.ui.widgets.pills import StepBar, StepItem
from app.vault.workspace import Vault

WIDTH = 760  # lines longer than that are hard to read
LoadSample = Callable[[Context, Callable[[int, int], None]], None]  # (context, told(done, total))


@dataclass(frozen=True)
class Making:
    """Where the workspace is made and with what; `load_sample` fills it with invented cases."""

    directory: Path
    vault: Vault
    now: Clock
    zone: str = "WIB"
    load_sample: LoadSample | None = None


@dataclass(frozen=True)
class Answers:
    """What the pages asked."""

    beginning: Beginning
    user: NewUser
    url: str
    code: str


@dataclass(frozen=True)
class Made:
    """The workspace, and what did not work out afterwards: it can be done later."""

    context: Context
    problem: Exception | None = None


class FirstRun(QWizard):
    """`made(Made)` at the end; `language_wanted(code)` from the first page."""

    made = Signal(object)
    language_wanted = Signal(str)

    def __init__(self, making: Making, *, jobs: Jobs) -> None:
        super().__init__()
        self.making, self.jobs = making, jobs
        self._is_done = False
        self.setWindowTitle("Naungan")
        self.setWizardStyle(QWizard.WizardStyle.ClassicStyle)
        self.setOption(QWizard.WizardOption.NoBackButtonOnStartPage)
        for which, words in (
            (QWizard.WizardButton.BackButton, _("Back")), (QWizard.WizardButton.NextButton, _("Next")),
            (QWizard.WizardButton.FinishButton, _("Begin")), (QWizard.WizardButton.CancelButton, _("Cancel")),
        ):  # fmt: skip
            self.setButtonText(which, words)
        self.where = _Where(self)
        self.who = _Who(making.now)
        self.key = _Key()
        self.centre = _Centre()
        self.last = _Last(with_sample=making.load_sample is not None)
        pages = (self.where, self.who, self.key, self.centre, self.last)
        for number, page in enumerate(pages):
            page.show_steps(number)
            self.addPage(page)
        theme.mark(self.button(QWizard.WizardButton.NextButton), kind="primary")
        theme.mark(self.button(QWizard.WizardButton.FinishButton), kind="primary")
        self.setMinimumSize(640, 480)
        self.resize(max(theme.px(720), 640), min(theme.px(600), 700))

    def answers(self) -> Answers:
        """What was typed so far."""
        said = self.who.form.values()
        beginning = Beginning(
            said["office_name"] or "", said["agency_type"] or "", said["region"] or "", self.where.zone(),
            i18n.language(), self.last.wants_sample(),
        )  # fmt: skip
        user = NewUser(said["login"] or "", said["name"] or "", said["role"] or "", self.key.password.value())
        wants = self.centre.wants()
        fields = self.centre.fields
        return Answers(beginning, user, fields.url.text().strip() if wants else "", fields.code.text() if wants else "")

    def accept(self) -> None:
        """Make the workspace; the wizard stays until it is made."""
        if self._is_done:
            super().accept()
            return
        answers, making = self.answers(), self.making
        self._busy(True)
        self.jobs.run(
            lambda progress: make(making, answers, told=lambda done, total: progress.report(done, total=total)),
            then=self._finish, failed=self._refused, progress=self._tell, owner=self,
        )  # fmt: skip

    def _finish(self, made: Made) -> None:
        self._is_done = True
        self.made.emit(made)

    def _refused(self, error: Exception) -> None:
        self._busy(False)
        problems.tell(self, error, at=self.last.say)

    def _tell(self, step: Step) -> None:
        self.last.progress.show_progress(step.done, total=step.total, title=_("Inventing sample cases"))

    def _busy(self, busy: bool) -> None:
        self.last.show_busy(busy)
        for which in (QWizard.WizardButton.FinishButton, QWizard.WizardButton.BackButton,
                      QWizard.WizardButton.CancelButton):  # fmt: skip
            self.button(which).setEnabled(not busy)


def make(making: Making, answers: Answers, *, told: Callable[[int, int], None]) -> Made:
    """Create the workspace, then enrol, then load the sample; what fails after the first step is told, not fatal."""
    context = contexts.create(
        making.directory, user=answers.user, beginning=answers.beginning, now=making.now, vault=making.vault
    )
    problem: Exception | None = None
    try:
        if answers.url:
            enrol_laptop(context, url=answers.url, code=answers.code)
        if answers.beginning.sample and making.load_sample is not None:
            making.load_sample(context, told)
    except (UserError, KnownError) as error:
        problem = error
    return Made(context, problem)


class _Page(QWizardPage):
    """Title, one sentence, and a body."""

    def __init__(self, title: str, *, words: str) -> None:
        super().__init__()
        middle = QWidget()
        middle.setMaximumWidth(theme.px(WIDTH))
        outer = QHBoxLayout(self)
        outer.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(8))
        outer.addStretch(1)
        outer.addWidget(middle, 20)
        outer.addStretch(1)
        layout = QVBoxLayout(middle)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(10))
        self._steps = StepBar(pressable=False)
        layout.addWidget(self._steps)
        layout.addWidget(text(title, role="title"))
        layout.addWidget(text(words, role="muted", wrap=True))
        self.setAccessibleName(title)
        self.body = QVBoxLayout()
        self.body.setSpacing(theme.px(10))
        layout.addLayout(self.body)
        layout.addStretch(1)

    def show_steps(self, number: int) -> None:
        """Where in the five pages this one stands."""
        names = (_("Language"), _("Office"), _("Password"), _("Centre"), _("Begin"))
        states = ["done"] * number + ["current"] + ["todo"] * (len(names) - number - 1)
        self._steps.show_steps([StepItem(name, state) for name, state in zip(names, states, strict=True)])


class _Where(_Page):
    """Language and zone."""

    def __init__(self, wizard: FirstRun) -> None:
        super().__init__(
            _("Welcome to Naungan"),
            words=_("Everything you enter stays encrypted on this laptop. It works without any network."),
        )
        self._language, self._zone = QComboBox(), QComboBox()
        for code, name in i18n.LANGUAGES.items():
            self._language.addItem(name, code)
        self._language.setCurrentIndex(self._language.findData(i18n.language()))
        for name, words in (("WIB", _("WIB (Jakarta)")), ("WITA", _("WITA (Makassar)")), ("WIT", _("WIT (Jayapura)"))):
            self._zone.addItem(words, name)
        self._zone.setCurrentIndex(max(0, self._zone.findData(wizard.making.zone)))
        for label, combo in ((_("Language"), self._language), (_("Time zone"), self._zone)):
            name_label = text(label, role="label")
            name_label.setBuddy(combo)
            combo.setAccessibleName(label)
            self.body.addWidget(name_label)
            self.body.addWidget(combo)
        self._language.activated.connect(lambda _at: wizard.language_wanted.emit(self._language.currentData()))

    def zone(self) -> str:
        """WIB, WITA or WIT."""
        return str(self._zone.currentData())


class _Who(_Page):
    """The office and the first worker."""

    def __init__(self, now: Clock) -> None:
        super().__init__(_("Your office and you"), words=_("The centre confirms the office when you enrol."))
        tools = FormTools(
            codelists=choices,
            read_date=lambda words: parse_date(words, today=now().date()),
            now=now,
            finders={"region": region_finder(digits=(DISTRICT,))},
        )
        fields = _who_fields()
        layout = [[f.key for f in fields[:3]], [f.key for f in fields[3:]]]
        self.form = Form(fields, tools=tools, layout=layout, parent=self)
        self.form.set_values({"role": "SUPERVISOR", "agency_type": "UPTD_PPA"})
        self.form.changed.connect(self._suggest)
        self.body.addWidget(self.form)

    def validatePage(self) -> bool:
        return self.form.validate()

    def _suggest(self, key: str) -> None:
        """A sign-in name from the first word of the name, while there is none."""
        if key == "name":
            values = self.form.values()
            if values["name"] and not values["login"]:
                self.form.set_values({"login": str(values["name"]).split(" ")[0].casefold()})


def _who_fields() -> list[Field]:
    office, user = field_map(Office), field_map(User)
    return [
        replace(office["name"], key="office_name"), office["agency_type"], office["region"],
        user["name"], user["login"], user["role"],
    ]  # fmt: skip


class _Key(_Page):
    """The password."""

    def __init__(self) -> None:
        super().__init__(_("Your password"), words=_("It is the only key to the records on this laptop."))
        self.password = NewPassword()
        self.body.addWidget(self.password)

    def validatePage(self) -> bool:
        wizard = self.wizard()
        assert isinstance(wizard, FirstRun)
        return self.password.is_good(login=wizard.who.form.values()["login"] or "")


class _Centre(_Page):
    """Enrol now or later."""

    def __init__(self) -> None:
        super().__init__(
            _("The centre"), words=_("Enrolment connects this laptop with the centre and other offices. It can wait.")
        )
        self.later, self.now = QRadioButton(_("Later")), QRadioButton(_("Enrol now"))
        self._group = QButtonGroup(self)
        for one in (self.later, self.now):
            self._group.addButton(one)
            self.body.addWidget(one, alignment=Qt.AlignmentFlag.AlignLeft)
        self.later.setChecked(True)
        self.fields = EnrolFields()
        self.fields.setEnabled(False)
        self.now.toggled.connect(self.fields.setEnabled)
        self.said = text("", tone="danger", wrap=True)
        for changed in (self.fields.changed, self.now.toggled):
            changed.connect(lambda *_now: self.said.setText(""))
        self.body.addWidget(self.fields)
        self.body.addWidget(self.said)

    def wants(self) -> bool:
        """Whether to enrol now."""
        return self.now.isChecked()

    def validatePage(self) -> bool:
        problem = self._problem() if self.wants() else ""
        self.said.setText(problem)
        return not problem

    def _problem(self) -> str:
        """What can be seen without asking the centre."""
        if not self.fields.is_filled():
            return _("Type the address and the code, or choose later.")
        try:
            read_address(self.fields.url.text())
        except (UserError, KnownError) as error:
            return problems.sentence(error)
        return ""


class _Last(_Page):
    """Sample data or an empty workspace, and the making."""

    def __init__(self, *, with_sample: bool) -> None:
        super().__init__(
            _("Ready"), words=_("The workspace is made now; working out the key takes a moment on purpose.")
        )
        self.empty = QRadioButton(_("Begin with an empty workspace"))
        self.sample = QRadioButton(_("Fill it with invented cases, to learn (a band says so on every screen)"))
        self._group = QButtonGroup(self)
        for one in (self.empty, self.sample):
            self._group.addButton(one)
            self.body.addWidget(one, alignment=Qt.AlignmentFlag.AlignLeft)
        self.empty.setChecked(True)
        only_if(with_sample, self.sample)
        self.said = text("", tone="danger", wrap=True)
        self.progress = ProgressLine(_("Making the workspace"))
        self.progress.hide()
        self.body.addWidget(self.said)
        self.body.addWidget(self.progress)

    def wants_sample(self) -> bool:
        """Whether invented cases are wanted."""
        return self.sample.isChecked()

    def say(self, words: str) -> None:
        """What went wrong."""
        self.said.setText(words)

    def show_busy(self, busy: bool) -> None:
        """While it is being made."""
        self.said.setText("")
        self.progress.setVisible(busy)
        self.progress.show_progress(0, title=_("Making the workspace"))
        for one in (self.empty, self.sample):
            one.setEnabled(not busy)
