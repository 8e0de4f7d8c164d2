"""What leaves and what stays, record by record, in words: the same in the referral dialog and beside a referral."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.i18n import _, format_number, ngettext
from app.models.base import KINDS
from app.models.case_parts import BY_KIND, SHOWN
from app.models.codelist import label
from app.models.field import field_map
from app.models.kind_names import kind_name
from app.models.names import initials
from app.models.said import DOT, headline
from app.services.entries import Entry
from app.services.referral_page import Withheld
from app.ui import presenting, theme
from app.ui.screens.case_cards import facts_of
from app.ui.theme import Tone
from app.ui.widgets.basics import Chip, row, text
from app.ui.widgets.entry_card import EntryCard, EntryView
from app.ui.widgets.flow import empty

_ORDER = ("referral", *SHOWN)


class PackageView(QWidget):
    """`show_package(shared, withheld)` lists both; `say` shows a sentence instead."""

    def __init__(self) -> None:
        super().__init__()
        self._body = QVBoxLayout(self)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(theme.px(4))

    def say(self, words: str) -> None:
        """A sentence instead of a package."""
        empty(self._body)
        self._body.addWidget(text(words, role="muted", wrap=True))
        self._body.addStretch(1)

    def show_package(self, shared: Sequence[Entry], withheld: Sequence[Withheld] = ()) -> None:
        """Everything that is shared with its values; of what is not shared only what it is."""
        empty(self._body)
        for entry in sorted(shared, key=_place):
            facts = facts_of(KINDS[entry.kind], entry)
            if facts:
                self._body.addWidget(EntryCard(EntryView(title_of(entry), (), facts)))
        lines = _stays(withheld)
        if lines:
            head = QWidget()
            head.setLayout(row(Chip(_("Not shared"), tone=Tone.WARN, mark="stop"), None))
            self._body.addSpacing(theme.px(4))
            self._body.addWidget(head)
            for title, words in lines:
                self._body.addWidget(text(f"{title}: {words}", role="muted", wrap=True))
        self._body.addStretch(1)


def title_of(entry: Entry) -> str:
    """'Korban', 'Catatan', with the little that tells two of them apart; a name only as initials."""
    name, about = kind_name(entry.kind), ""
    if entry.kind == "person":
        about = initials(entry["name"])
    elif entry.kind == "party":
        about = label("party_role", entry["role"])
    elif entry.kind in BY_KIND:
        about = headline(BY_KIND[entry.kind], entry.__getitem__)
    return f"{name}{DOT}{about}" if about not in ("", name) else name


def _place(entry: Entry) -> tuple[int, str]:
    return (_ORDER.index(entry.kind) if entry.kind in _ORDER else len(_ORDER), entry.id)


def _stays(withheld: Sequence[Withheld]) -> list[tuple[str, str]]:
    """Whole records counted by kind, then the fields that are left out of records that go."""
    whole = Counter(w.entry.kind for w in withheld if w.whole)
    lines = [
        (kind_name(kind), ngettext("{n} whole entry", "{n} whole entries", n).format(n=format_number(n)))
        for kind, n in sorted(whole.items(), key=lambda pair: _ORDER.index(pair[0]))
    ]
    for kind in _ORDER:
        keys = [key for w in withheld if not w.whole and w.entry.kind == kind for key in w.fields]
        declared = field_map(KINDS[kind])
        if keys:
            lines.append((kind_name(kind), ", ".join(_(declared[key].label) for key in dict.fromkeys(keys))))
    return lines


def counted(shared: Sequence[Entry]) -> str:
    """'6 entri, 31 isian'."""
    fields = sum(len(facts_of(KINDS[entry.kind], entry)) for entry in shared)
    entries = ngettext("{n} entry", "{n} entries", len(shared)).format(n=format_number(len(shared)))
    return entries + ", " + ngettext("{n} field", "{n} fields", fields).format(n=format_number(fields))


def tiers_line(tiers: Sequence[str] | None) -> str:
    """The kinds of information in words."""
    return ", ".join(label("tier", tier) for tier in tiers or ()) or presenting.NOTHING
