"""Asking for a file: Qt's own dialog where the system has none, with its words in the language in use."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QIdentityProxyModel,
    QModelIndex,
    QPersistentModelIndex,
    QStandardPaths,
    QStorageInfo,
    Qt,
    QUrl,
)
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog, QFileSystemModel, QToolButton, QWidget

from app.i18n import N_, _

Index = QModelIndex | QPersistentModelIndex
Took = Callable[[Path], object]
_KIND, _HEADS = 2, (N_("Name"), N_("Size"), N_("Kind"), N_("Changed"))
_BUTTONS = {
    "backButton": N_("Back"), "forwardButton": N_("Forward"), "toParentButton": N_("Folder above"),
    "newFolderButton": N_("New folder"), "listModeButton": N_("List"), "detailModeButton": N_("Details"),
}  # fmt: skip


def ask_where_to(owner: QWidget, took: Took, *, title: str, name: str, kind: str) -> QFileDialog:
    """Ask for a file to write; `name` is what is proposed, `kind` a filter such as "PDF (*.pdf)"."""
    ask = QFileDialog(owner, title, str(Path.home()), kind)
    ask.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    ask.setDefaultSuffix(Path(name).suffix.lstrip("."))
    ask.selectFile(name)
    return _opened(ask, took, action=_("Save"))


def ask_which(owner: QWidget, took: Took, *, title: str, kind: str) -> QFileDialog:
    """Ask for a file to read."""
    ask = QFileDialog(owner, title, str(Path.home()), kind)
    ask.setFileMode(QFileDialog.FileMode.ExistingFile)
    return _opened(ask, took, action=_("Open"))


def ask_folder(owner: QWidget, took: Took, *, title: str) -> QFileDialog:
    """Ask for a folder; unlike Qt's own function it holds up nothing, not even a lock."""
    ask = QFileDialog(owner, title, str(Path.home()))
    ask.setFileMode(QFileDialog.FileMode.Directory)
    ask.setOption(QFileDialog.Option.ShowDirsOnly)
    return _opened(ask, took, action=_("Choose"))


def _opened(ask: QFileDialog, took: Took, *, action: str) -> QFileDialog:
    ask.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    ask.setProxyModel(_Translated(ask))
    for which, words in (
        (QFileDialog.DialogLabel.Accept, action),
        (QFileDialog.DialogLabel.Reject, _("Cancel")),
        (QFileDialog.DialogLabel.FileName, _("File name")),
        (QFileDialog.DialogLabel.LookIn, _("Folder")),
        (QFileDialog.DialogLabel.FileType, _("Kind of file")),
    ):
        ask.setLabelText(which, words)
    for name, words in _BUTTONS.items():
        found = ask.findChild(QToolButton, name)
        if isinstance(found, QToolButton):
            found.setToolTip(_(words))
            found.setAccessibleName(_(words))
    for box in ask.findChildren(QDialogButtonBox):
        for one in box.buttons():
            one.setIcon(QIcon())
    ask.setOption(QFileDialog.Option.HideNameFilterDetails)
    ask.setSidebarUrls([QUrl.fromLocalFile(folder) for folder in _places()])
    ask.fileSelected.connect(lambda chosen: took(Path(chosen)))
    ask.open()
    return ask


def _places() -> list[str]:
    """The folders at the left: the person's own, and the sticks and disks. Qt's "Computer" has no other word."""
    where = QStandardPaths.StandardLocation
    own = [QStandardPaths.writableLocation(one) for one in (where.HomeLocation, where.DocumentsLocation)]
    disks = [QStorageInfo(one).rootPath() for one in QStorageInfo.mountedVolumes() if _is_for_people(one)]
    return [folder for folder in dict.fromkeys((*own, *disks)) if Path(folder).is_dir()]


def _is_for_people(disk: QStorageInfo) -> bool:
    """Whether it is a disk somebody put in, not one of the system's own."""
    path = disk.rootPath()
    return disk.isReady() and (os.name == "nt" or path.startswith(("/media/", "/run/media/", "/mnt/", "/Volumes/")))


class _Translated(QIdentityProxyModel):
    """The files as Qt lists them, under our heads: Qt ships no Indonesian."""

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole and section < len(_HEADS):
            return _(_HEADS[section])
        return super().headerData(section, orientation, role)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and index.column() == _KIND:
            return self._kind(index)
        return super().data(index, role)

    def _kind(self, index: Index) -> str:
        files = self.sourceModel()
        assert isinstance(files, QFileSystemModel)
        found = files.fileInfo(self.mapToSource(index))
        ending = found.suffix().upper()
        return _("Folder") if found.isDir() else _("{ending} file").format(ending=ending) if ending else _("File")
