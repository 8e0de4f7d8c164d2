"""Files of a case: photographs and scans, sealed beside the database, shown from memory and never written elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImageReader, QPixmap
from PySide6.QtWidgets import QComboBox, QDialog, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.errors import UserError
from app.i18n import N_, _, format_bytes, format_number
from app.models.journal import Changes
from app.reports.preview import pages_png
from app.services import attachments
from app.services.case_page import CasePage
from app.services.desk import Desk
from app.services.entries import Entry
from app.services.thumbnail import picture_of
from app.sync.blobs import fetch_file
from app.sync.report import Cancelled as Stopped
from app.ui import files, presenting, problems, theme
from app.ui.jobs import Job, Progress, Step
from app.ui.screens.case_cards import mark_of, meta_of, who
from app.ui.screens.deed_dialog import DeedDialog
from app.ui.screens.pages_view import PagesView
from app.ui.theme import Tone
from app.ui.widgets.basics import button, row, sensitive_chip, text
from app.ui.widgets.drops import TakesFiles
from app.ui.widgets.entry_card import ChipWords, EntryView
from app.ui.workplace import Workplace

PAGES, DPI, LARGEST = 40, 110, 2200  # shown of a PDF; its sharpness; the longer side of a picture, in pixels
KINDS = {"image/jpeg": N_("Photograph"), "image/png": N_("Picture"), "application/pdf": N_("PDF")}
FILTER = "(*.jpg *.jpeg *.png *.pdf *.JPG *.JPEG *.PNG *.PDF)"
Dropped = Callable[[Sequence[Path]], None]


def attachment_card(
    page: CasePage, entry: Entry, *, names: bool, is_here: bool, actions: Sequence[QPushButton] = ()
) -> EntryView:
    """What a file is, from whom and when; whether it can be opened here and why not."""
    shut = presenting.is_hidden(entry["title"])
    title = _("Sealed file") if shut or not names else entry["title"] or presenting.NOTHING
    chips: list[ChipWords] = [
        (_("Sensitive, sealed"), Tone.DANGER, "lock"),
        (_(KINDS.get(entry["media_type"] or "", N_("File"))), Tone.NEUTRAL, ""),
    ]
    words = ""
    if shut:
        words = presenting.hidden_words()
    elif not is_here:
        words = _("Not on this laptop yet.")
    facts = [
        (_("Size"), format_bytes(entry["size"] or 0)),
        (_("Person"), who(page, entry["person_id"], names=names)),
    ]
    small = b"" if shut or is_here or not names else picture_of(entry["thumbnail"])
    return EntryView(title, chips, facts, words, meta_of(entry), mark_of(entry), actions, small)


class FetchButton(QPushButton):
    """Has one file come now, while all others wait; it says how far that is. Pressed again, it stops."""

    def __init__(self, place: Workplace, entry: Entry) -> None:
        super().__init__()
        self.place, self._entry = place, entry
        self._job: Job | None = None
        self._say(_("Fetch now, {size}").format(size=format_bytes(entry["size"] or 0)))
        self.clicked.connect(self._toggle)

    def _toggle(self) -> None:
        if self._job is not None:
            self._job.cancel()
            return
        context, record = self.place.context, self._entry.id
        here = Changes(frozenset({"attachment"}), frozenset({record}), frozenset({self._entry["case_id"] or ""}))

        def work(token: Progress) -> None:
            with context.transport() as transport:
                token.when_stopped(transport.line.cut)
                fetch_file(
                    context.sync_setup(), transport, record, cancelled=lambda: token.cancelled,
                    progress=lambda at: token.report(at.done, total=at.total),
                )  # fmt: skip
            context.desk.tell(here)  # also if the page was drawn anew meanwhile, and this button is gone

        self._say(_("Waiting for the link… Stop"))
        self._job = self.place.jobs.run(work, lane="net", owner=self, progress=self._tell, failed=self._failed)
        self._job.when_ended(self._ended)

    def _tell(self, step: Step) -> None:
        share = format_number(min(100, step.done * 100 // step.total) if step.total else 0)
        self._say(_("Fetching, {share} % … Stop").format(share=share))

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, Stopped):
            problems.show(self, error)

    def _ended(self) -> None:
        self._job = None
        self._say(_("Fetch now, {size}").format(size=format_bytes(self._entry["size"] or 0)))

    def _say(self, words: str) -> None:
        self.setText(words)
        self.setAccessibleName(words)


class DropArea(TakesFiles, QScrollArea):
    """A list that takes files which are dropped on it."""

    def __init__(self, dropped: Dropped) -> None:
        super().__init__()
        self._dropped = dropped
        self.setAcceptDrops(True)

    def take_files(self, files: Sequence[Path]) -> None:
        """Hand them on."""
        self._dropped(files)


class AttachDialog(DeedDialog):
    """Which file, what it is called here, whom it is about."""

    def __init__(
        self, place: Workplace, page: CasePage, *, file: Path | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(
            place, title=_("Attach a file"), action=_("Attach"), slow=_("Sealing the file…"), parent=parent
        )
        self._case_id, self._file = page.case.id, file
        self.explain([_("A photograph or a scan: JPEG, PNG or PDF, at most 20 MiB. It is sealed with the case.")])
        self._named = text("", role="strong", wrap=True)
        self.choose = button(_("Choose…"), clicked=self.ask)
        self.choose.setAutoDefault(False)
        line = row(self._named, self.choose)
        line.setStretch(0, 1)
        self.body.addLayout(line)
        self.title, self.person = QLineEdit(), QComboBox()
        self.person.addItem(_("Nobody in particular"), None)
        for party in page.parties:
            self.person.addItem(party.person["name"] or presenting.NOTHING, party.person.id)
        for label, widget in ((_("Title"), self.title), (_("Whom it is about"), self.person)):
            caption = text(label, role="label")
            caption.setBuddy(widget)
            widget.setAccessibleName(label)
            head = row(caption, None)
            if widget is self.title:
                head.insertWidget(1, sensitive_chip())
            self.body.addLayout(head)
            self.body.addWidget(widget)
        words = _("The original stays where it is: delete it there, or it lies open on this laptop or stick.")
        self.body.addWidget(text(words, role="small", tone="warn", wrap=True))
        self._show_file()

    def ask(self) -> None:
        """Choose a file."""
        files.ask_which(self, self.take, title=_("Attach a file"), kind=f"{_('Photographs and scans')} {FILTER}")

    def take(self, file: Path) -> None:
        """This one."""
        self._file = file
        self._show_file()

    def save(self) -> None:
        """Seal it and enter it."""
        desk, case_id, file = self.place.desk, self._case_id, self._file
        title, person = self.title.text().strip(), self.person.currentData()
        if file is not None:
            self.do(
                lambda: attachments.add(desk, case_id, title, file, person_id=person),
                said=_("Attached. Now delete the original."),
            )

    def _show_file(self) -> None:
        file = self._file
        self._named.setText(file.name if file else _("No file chosen"))
        self.button.setEnabled(file is not None)
        if file is not None and not self.title.text().strip():
            self.title.setText(attachments.tidy(file.stem))


class AttachmentView(QDialog):
    """A file as pages, read and drawn in memory."""

    def __init__(self, place: Workplace, entry: Entry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.place = place
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Attachment"))
        self.pages = PagesView()
        self.pages.say(_("Opening…"))
        self.said = text("", role="muted", wrap=True)
        self.said.hide()
        pad = theme.px(20)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(pad, theme.px(16), pad, theme.px(14))
        layout.setSpacing(theme.px(10))
        layout.addLayout(row(text(entry["title"] or presenting.NOTHING, role="heading"), sensitive_chip(), None))
        layout.addWidget(self.pages, 1)
        layout.addWidget(self.said)
        layout.addLayout(row(None, button(_("Close"), kind="primary", clicked=self.accept)))
        above = parent.size() if parent is not None else QSize(1366, 768)
        self.resize(min(theme.px(900), above.width() - 40), min(theme.px(700), above.height() - 40))
        desk = place.desk
        place.load(lambda: _drawn(desk, entry), owner=self, then=self._show, failed=self._no)

    def _show(self, drawn: tuple[Sequence[bytes], bytes]) -> None:
        pages, picture = drawn
        if picture:
            shown = _pixmap(picture)
            if shown.isNull():
                self._no(UserError(_("This file cannot be shown. It may be damaged.")))
            else:
                self.pages.show_pictures([shown])
            return
        self.pages.show_pages(pages[:PAGES])
        if len(pages) > PAGES:
            self.said.setText(_("Only the first {n} pages are shown.").format(n=PAGES))
            self.said.show()

    def _no(self, error: Exception) -> None:
        problems.tell(self, error, at=self.pages.say)


def _drawn(desk: Desk, entry: Entry) -> tuple[Sequence[bytes], bytes]:
    """The pages of a PDF, or the bytes of a picture."""
    data = attachments.open_file(desk, entry.id)
    if entry["media_type"] != "application/pdf":
        return (), data
    try:
        return list(islice(pages_png(data, dpi=DPI), PAGES + 1)), b""
    except RuntimeError:  # a PDF that is none, or has a password of its own
        raise UserError(_("This file cannot be shown. It may be damaged, or have a password of its own.")) from None


def _pixmap(data: bytes) -> QPixmap:
    """A picture no larger than a screen needs, the right way up; a null one if it is none."""
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > LARGEST:
        reader.setScaledSize(size.scaled(LARGEST, LARGEST, Qt.AspectRatioMode.KeepAspectRatio))
    return QPixmap.fromImage(reader.read())
