"""What a screen is to the window that shows it."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from PySide6.QtWidgets import QWidget

from app.i18n import N_

# what stands above the places of a section in the sidebar
GROUPS: dict[str, str] = {"main": "", "oversight": N_("Oversight"), "own": ""}


class Screen(Protocol):
    """One place in the program: a line in the list of screens, a file in screens/."""

    name: str  # a word of the program: "cases"
    title: str  # message id
    icon: str  # a meaning in app.ui.icons
    section: str  # where it stands in the sidebar, see GROUPS; "" is reached from another screen

    def build(self, context: Any) -> QWidget:
        """Make the widget; called when the person first goes there, and again after a change of language."""


class Unlisted:
    """A screen that does not stand in this person's sidebar; another place leads there."""

    def __init__(self, screen: Screen) -> None:
        self.name, self.title, self.icon, self.section = screen.name, screen.title, screen.icon, ""
        self.build = screen.build


@runtime_checkable
class Refreshes(Protocol):
    """A screen's widget that wants to know what was written."""

    def refresh(self, changes: Any) -> None:
        """Show what changed, if it concerns this screen."""


@runtime_checkable
class Opens(Protocol):
    """A screen's widget that can show one thing: `window.go("case", target=case_id)`."""

    def open(self, target: Any) -> None:
        """Show this."""


@runtime_checkable
class Lands(Protocol):
    """A screen's widget that says where the keyboard is to be when one comes from another place.

    No focus proxy: Tab would pass over everything that stands before it.
    """

    landing: QWidget


@runtime_checkable
class KeepsDraft(Protocol):
    """A screen's widget with something open in it that must survive a lock."""

    def save_draft(self) -> None:
        """Keep what is being typed, without asking anything."""
