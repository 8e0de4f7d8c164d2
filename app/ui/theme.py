"""How Naungan looks: two palettes on Fusion, one accent, one font, one scale.

`resources/theme/naungan.qss` holds the only stylesheet of the program; it is a template, filled here:
`$name` is a colour of the palette in use, `@13` is thirteen pixels at the chosen scale, `%check%` the
file of a drawn mark. Widgets carry a role (`mark(label, role="title")`), never a colour of their own;
those that paint themselves ask `current()` at the moment of painting, so that a switch is live.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from enum import StrEnum
from string import Template

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from app.paths import resource, shipped_by

FAMILY = "Open Sans"
SCALES = (100, 125, 150, 175, 200)
_FACES = ("Regular", "Italic", "SemiBold", "Bold")


class Tone(StrEnum):
    """What a coloured word means; the word itself must say it too."""

    NEUTRAL = "neutral"
    INFO = "info"
    GOOD = "good"
    WARN = "warn"
    DANGER = "danger"


@dataclass(frozen=True)
class Colours:
    """The colours of one palette, as #rrggbb; `*_tint` is the quiet ground of the colour before it."""

    window: str
    card: str
    line: str
    row_line: str
    zebra: str
    text: str
    muted: str
    faint: str
    accent: str
    accent_hover: str
    on_accent: str
    accent_tint: str
    sidebar: str
    sidebar_current: str
    sidebar_box: str
    sidebar_text: str
    sidebar_muted: str
    sidebar_warn: str
    sidebar_good: str
    sidebar_danger: str
    sidebar_button: str
    neutral: str
    neutral_tint: str
    info: str
    info_tint: str
    good: str
    good_tint: str
    warn: str
    warn_tint: str
    danger: str
    danger_tint: str


_SIDEBAR = {
    "sidebar": "#10312b",
    "sidebar_current": "#22584e",
    "sidebar_box": "#1b463e",
    "sidebar_text": "#f3f8f6",
    "sidebar_muted": "#bcd3cc",
    "sidebar_warn": "#ffc266",
    "sidebar_good": "#7ddcc3",
    "sidebar_danger": "#ffb4ab",
    "sidebar_button": "#e3f1ee",
}
LIGHT = Colours(
    window="#f6f8f7",
    card="#ffffff",
    line="#dfe5e3",
    row_line="#eef1f0",
    zebra="#fafbfb",
    text="#17211f",
    muted="#5d6b68",
    faint="#7b8784",
    accent="#0f6b5c",
    accent_hover="#0c5a4d",
    on_accent="#ffffff",
    accent_tint="#e3f1ee",
    neutral="#5d6b68",
    neutral_tint="#eef1f0",
    info="#1f4aa8",
    info_tint="#e6eefb",
    good="#0f6b5c",
    good_tint="#e3f1ee",
    warn="#9a5200",
    warn_tint="#fdf0df",
    danger="#b3261e",
    danger_tint="#fbe9e7",
    **_SIDEBAR,
)
DARK = Colours(
    window="#141a18",
    card="#1c2421",
    line="#33413d",
    row_line="#2a3632",
    zebra="#1f2825",
    text="#e6ecea",
    muted="#9fb0ab",
    faint="#83938e",
    accent="#3fb79f",
    accent_hover="#56c8b1",
    on_accent="#06241d",
    accent_tint="#1f3d36",
    neutral="#a9b9b4",
    neutral_tint="#2a3632",
    info="#93b7ff",
    info_tint="#1e2c47",
    good="#4cc3ab",
    good_tint="#1a3a33",
    warn="#e8ab4c",
    warn_tint="#3d2f17",
    danger="#f2938a",
    danger_tint="#452522",
    **_SIDEBAR,
)


@dataclass(frozen=True)
class Theme:
    """One palette at one scale."""

    dark: bool = False
    scale: int = 100

    @property
    def colours(self) -> Colours:
        """The colours in use."""
        return DARK if self.dark else LIGHT

    def px(self, size: float) -> int:
        """A length of the sketches (made at 100 %) at the chosen scale, never below one pixel."""
        return max(1, round(size * self.scale / 100))

    def colour(self, name: str) -> QColor:
        """A colour by its name in Colours, to paint with."""
        return QColor(getattr(self.colours, name))

    def tone(self, tone: str) -> tuple[QColor, QColor]:
        """(ink, ground) of a chip or a coloured word. A plain str is welcome: Qt makes one of every Tone it carries."""
        name = Tone(tone).value
        return self.colour(name), self.colour(f"{name}_tint")

    def font(self, size: float = 13, *, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """The screen font at a size of the sketches."""
        font = QFont(FAMILY)
        font.setPixelSize(self.px(size))
        font.setWeight(weight)
        return font


_current = Theme()


def current() -> Theme:
    """The theme in use."""
    return _current


def px(size: float) -> int:
    """A length of the sketches at the chosen scale."""
    return _current.px(size)


def apply(app: QApplication, *, dark: bool = False, scale: int = 100) -> Theme:
    """Dress the whole program; callable at any time, open windows follow at once. Scale is held in 100-200 %."""
    global _current
    _current = Theme(dark=dark, scale=min(max(scale, SCALES[0]), SCALES[-1]))
    load_fonts()
    if app.style().name().lower() != "fusion":
        app.setStyle("Fusion")
    app.setFont(_current.font())
    app.setPalette(_palette(_current))
    app.setStyleSheet(stylesheet(_current))
    return _current


def load_fonts() -> None:
    """Load the bundled Open Sans faces once per application."""
    if FAMILY not in QFontDatabase.families():
        for face in _FACES:
            QFontDatabase.addApplicationFont(str(shipped_by("ttf_opensans", "ttf", f"OpenSans-{face}.ttf")))


def stylesheet(theme: Theme) -> str:
    """The stylesheet of a theme; KeyError when the template names a colour that does not exist."""
    template = resource("theme", "naungan.qss").read_text(encoding="utf-8")
    text = Template(template).substitute(asdict(theme.colours))
    text = re.sub(r"@(\d+)", lambda found: f"{theme.px(int(found[1]))}px", text)
    shade = "dark" if theme.dark else "light"
    return re.sub(r"%(\w+)%", lambda found: _mark_file(found[1], shade), text)


def _mark_file(name: str, shade: str) -> str:
    return f'url("{resource("theme", f"{name}-{shade}.svg").as_posix()}")'


def mark(widget: QWidget, **properties: object) -> None:
    """Set the properties that the stylesheet looks at (role, tone, kind, state) and redraw if one changed."""
    changed = False
    for name, value in properties.items():
        if widget.property(name) != value:
            widget.setProperty(name, value)
            changed = True
    if changed:
        widget.style().unpolish(widget)
        widget.style().polish(widget)
        widget.update()


def _palette(theme: Theme) -> QPalette:
    role = QPalette.ColorRole
    colours = {
        role.Window: "window",
        role.WindowText: "text",
        role.Base: "card",
        role.AlternateBase: "zebra",
        role.Text: "text",
        role.Button: "card",
        role.ButtonText: "text",
        role.BrightText: "danger",
        role.ToolTipBase: "card",
        role.ToolTipText: "text",
        role.PlaceholderText: "faint",
        role.Highlight: "accent",
        role.HighlightedText: "on_accent",
        role.Link: "accent",
        role.LinkVisited: "accent",
        role.Light: "card",
        role.Midlight: "row_line",
        role.Mid: "line",
        role.Dark: "faint",
        role.Shadow: "line",
        role.Accent: "accent",
    }
    palette = QPalette()
    for which, name in colours.items():
        palette.setColor(which, theme.colour(name))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, theme.colour("faint"))
    return palette
