"""What a document is asked for: how much it may say, in which form, to whom, what for, on whose consent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.i18n import LANGUAGES, N_, _, language
from app.models.case import Case
from app.models.codelist import codelist
from app.models.field import Field, Kind, Tier
from app.reports.api import FORMATS, Format
from app.reports.redaction import NEEDS_CONSENT, PROFILE_TIERS, Profile
from app.services import consents, directory
from app.services.entries import Entry
from app.services.exports import Order
from app.ui.form import Form
from app.ui.form_tools import tools_for
from app.ui.screens.package_view import tiers_line
from app.ui.screens.refer_editors import ConsentEditor, RecipientEditor, recipient_search
from app.ui.widgets.editors import CodeEditor
from app.ui.workplace import Workplace

_OUTSIDE = ("profile", tuple(str(profile) for profile in NEEDS_CONSENT))
FIELDS = (
    Field("profile", N_("How much it says"), Kind.CODE, Tier.OPEN, "export", codelist="redaction_profile",
          required=True),
    Field("format", N_("Form"), Kind.CODE, Tier.OPEN, "export", required=True),
    Field("language", N_("Language"), Kind.CODE, Tier.OPEN, "export", required=True),
    Field("agency", N_("Agency"), Kind.REF, Tier.OPEN, "export", relevant_when=_OUTSIDE,
          help=N_("Leave it empty if it is not in the directory")),
    Field("recipient", N_("Who receives it"), Kind.TEXT, Tier.CASE, "export"),
    Field("purpose", N_("What for"), Kind.TEXT, Tier.CASE, "export"),
    Field("consent_id", N_("On consent"), Kind.REF, Tier.OPEN, "export", relevant_when=_OUTSIDE),
)  # fmt: skip
LAYOUT = (("profile",), ("format", "language"))


class ExportForm(Form):
    """Starts with the paper that stays inside; `order()` is what the service takes."""

    def __init__(self, place: Workplace, case_id: str) -> None:
        editors: Mapping[str, Any] = {
            "agency": lambda _f: RecipientEditor(recipient_search(place.desk)),
            "format": lambda _f: CodeEditor([(form.value, _(words)) for form, words in FORMATS.items()]),
            "language": lambda _f: CodeEditor(list(LANGUAGES.items())),
            "consent_id": lambda _f: ConsentEditor(),
        }
        super().__init__(FIELDS, tools=tools_for(place.desk, Case, more=FIELDS), layout=LAYOUT, editors=editors)
        self.place, self._case_id = place, case_id
        self._agencies = {agency.id: agency for agency in directory.recipients(place.desk)}
        self.set_values({"profile": str(Profile.INTERNAL), "format": Format.PDF.value, "language": language()})
        self.changed.connect(self._follow)
        self._say_profile()

    def order(self, *, protected: bool) -> Order:
        """What is asked for now."""
        said = {key: value for key, value in self.committed.items() if value}
        if not self.leaves_the_office():
            said.pop("agency", None)
            said.pop("consent_id", None)
        order = Order(**said)
        return order if protected else replace(order, password=None)

    def form(self) -> Format:
        """In which form it leaves; a PDF as long as nothing is chosen."""
        return Format(self.committed["format"] or Format.PDF)

    def profile(self) -> Profile | None:
        """For whom it is made; None as long as nothing is chosen."""
        code = self.committed["profile"]
        return Profile(code) if code in codelist("redaction_profile") else None

    def leaves_the_office(self) -> bool:
        """Whether the paper needs a consent."""
        return self.committed["profile"] in _OUTSIDE[1]

    def _follow(self, key: str) -> None:
        if key == "agency":
            agency = self._agencies.get(self.committed["agency"] or "")
            if agency is not None:
                self.put("recipient", agency["name"])
        if key in ("agency", "profile"):
            self._offer_consents()
            self._say_profile()

    def _offer_consents(self) -> None:
        agency = self._agencies.get(self.committed["agency"] or "")
        recipient = (agency["office_id"] or agency.id) if agency else None
        usable: tuple[Entry, ...] = consents.usable(self.place.desk, self._case_id, recipient)
        editor = self.boxes["consent_id"].editor
        assert isinstance(editor, ConsentEditor)
        editor.offer(usable, chosen=self.committed["consent_id"])
        self.put("consent_id", editor.value() or (usable[-1].id if usable else None))
        chosen = next((c for c in usable if c.id == self.committed["consent_id"]), None)
        words = _("It covers: {tiers}").format(tiers=tiers_line(chosen["tiers"])) if chosen else ""
        self.set_hint("consent_id", words or _("No consent covers this recipient: record one on the case first."))

    def _say_profile(self) -> None:
        """The most such a paper may say; a consent narrows it further."""
        profile = self.profile()
        if profile is None:
            self.set_hint("profile", "")
            return
        most = [tier for tier in Tier if tier in PROFILE_TIERS[profile]]
        self.set_hint("profile", _("At most: {tiers}").format(tiers=tiers_line([str(t) for t in most])))
