"""Two palettes, one scale: readable, complete, live."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QFontInfo
from PySide6.QtWidgets import QLabel, QPushButton

from app.ui import icons, theme
from app.ui.theme import DARK, LIGHT, Theme, Tone
from app.ui.widgets import marks


def _luminance(colour: str) -> float:
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in QColor(colour).getRgbF()[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


PAIRS = [
    ("text", "window"), ("text", "card"), ("text", "zebra"), ("text", "accent_tint"), ("muted", "window"),
    ("muted", "card"), ("on_accent", "accent"), ("on_accent", "accent_hover"), ("accent", "card"),
    ("accent", "accent_tint"), ("sidebar_text", "sidebar_current"), ("sidebar_muted", "sidebar"),
    ("sidebar_muted", "sidebar_box"), ("sidebar_warn", "sidebar_box"), ("sidebar_good", "sidebar_box"),
    *((tone.value, ground) for tone in Tone for ground in (f"{tone.value}_tint", "card", "accent_tint")),
]  # fmt: skip


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_words_have_the_contrast_of_wcag_aa(palette, ink, ground):
    assert _contrast(getattr(palette, ink), getattr(palette, ground)) >= 4.5


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("scale", theme.SCALES)
def test_stylesheet_has_no_blank_left(dark, scale):
    text = theme.stylesheet(Theme(dark=dark, scale=scale))
    assert not {"$", "@", "%"} & set(text)
    assert "url(" in text


@pytest.mark.parametrize("weight", [400, 600, 700])
def test_bundled_font_is_used_in_every_weight(qapp, weight):
    font = theme.current().font(13)
    font.setWeight(font.Weight(weight))
    info = QFontInfo(font)
    assert (info.family().split(" Semi")[0], info.weight()) == ("Open Sans", weight)


def test_scale_reaches_fonts_and_lengths_and_is_held_in_bounds(qapp):
    assert theme.apply(qapp, scale=150).px(38) == 57
    assert qapp.font().pixelSize() == 20
    assert theme.apply(qapp, scale=900).scale == 200
    assert theme.apply(qapp, scale=10).scale == 100


def test_switch_to_dark_reaches_an_open_window(qapp, qtbot):
    label = QLabel("Kasus")
    qtbot.addWidget(label)
    theme.mark(label, role="muted")
    label.show()
    assert label.palette().windowText().color().name() == LIGHT.muted
    theme.apply(qapp, dark=True)
    assert label.palette().windowText().color().name() == DARK.muted


def test_mark_changes_the_look_of_a_shown_widget(qtbot):
    label = QLabel("Risiko")
    qtbot.addWidget(label)
    label.show()
    theme.mark(label, tone="danger")
    assert label.palette().windowText().color().name() == LIGHT.danger


@pytest.mark.parametrize("name", icons.NAMES)
def test_every_icon_draws_something_in_the_colour_of_the_theme(qapp, name):
    button = QPushButton()
    picture = icons.icon(name, colour="accent").pixmap(32, 32).toImage()
    inked = {
        picture.pixelColor(x, y).name() for x in range(32) for y in range(32) if picture.pixelColor(x, y).alpha() == 255
    }
    assert LIGHT.accent in inked
    button.deleteLater()


@pytest.mark.parametrize("name", marks.NAMES)
def test_every_mark_draws_something(qapp, name):
    picture = marks.icon(name, colour="danger").pixmap(32, 32).toImage()
    assert any(picture.pixelColor(x, y).alpha() > 200 for x in range(32) for y in range(32))


def test_an_icon_nobody_knows_is_refused(qapp):
    with pytest.raises(KeyError):
        icons.icon("unicorn")
