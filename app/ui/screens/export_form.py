"""What a document is asked for: how much it may say, in which form, to whom, what for, on whose consent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.i18n import LANGUAGES, N_, _, language
from app.models.case import Case
from app.models.codelist import codelist
from app.models.field import Field, Kind, Tier
from app.reports.api import FORMATS, Format
from app.reports.papers import ON_OWN_GROUNDS, Paper
from app.reports.redaction import NEEDS_CONSENT, PROFILE_TIERS, Profile
from app.services import consents, directory
from app.services.case_page import CasePage
from app.services.entries import Entry
from app.services.export_choice import Offer, offers
from app.services.exports import Order
from app.ui.form import Form
from app.ui.form_tools import tools_for
from app.ui.screens.package_view import tiers_line
from app.ui.screens.refer_editors import ConsentEditor, RecipientEditor, recipient_search
from app.ui.widgets.editors import CodeEditor
from app.ui.workplace import Workplace

_OUTSIDE = ("profile", tuple(str(profile) for profile in NEEDS_CONSENT))
FIELDS = (
    Field("paper", N_("Which paper"), Kind.CODE, Tier.OPEN, "export", required=True),
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
LAYOUT = (("paper", "format"), ("profile", "language"))
_BY_PROFILE = ("profile", "recipient")  # what a paper on its own grounds is not asked for
_WARNINGS = {
    Paper.SAFETY: N_("This paper can itself be dangerous if the wrong person finds it. It names nobody. Ask first "
                     "whether it is safe to take it along, or leave it here."),
    Paper.LETTER: N_("It holds exactly what the referral shares, and a form for the answer."),
}  # fmt: skip


def _fields(offered: Sequence[Offer]) -> tuple[Field, ...]:
    """The fields, each shown where it counts for the paper that is chosen."""
    by_profile = tuple(one.key for one in offered if one.paper not in ON_OWN_GROUNDS)
    summaries = tuple(one.key for one in offered if one.paper is Paper.SUMMARY)
    when = {"format": ("paper", summaries), **dict.fromkeys(_BY_PROFILE, ("paper", by_profile))}
    return tuple(replace(field, relevant_when=when.get(field.key, field.relevant_when)) for field in FIELDS)


class ExportForm(Form):
    """Starts with the paper that stays inside; `order()` is what the service takes."""

    def __init__(self, place: Workplace, page: CasePage, *, chosen: str = "") -> None:
        self._offered = {one.key: one for one in offers(place.desk, page)}
        fields = _fields(tuple(self._offered.values()))
        editors: Mapping[str, Any] = {
            "paper": lambda _f: CodeEditor([(key, one.words) for key, one in self._offered.items()]),
            "agency": lambda _f: RecipientEditor(recipient_search(place.desk)),
            "format": lambda _f: CodeEditor([(form.value, _(words)) for form, words in FORMATS.items()]),
            "language": lambda _f: CodeEditor(list(LANGUAGES.items())),
            "consent_id": lambda _f: ConsentEditor(),
        }
        super().__init__(fields, tools=tools_for(place.desk, Case, more=fields), layout=LAYOUT, editors=editors)
        self.place, self._case_id = place, page.case.id
        self._agencies = {agency.id: agency for agency in directory.recipients(place.desk)}
        paper = chosen if chosen in self._offered else next(iter(self._offered))
        self.set_values(
            {"paper": paper, "profile": str(Profile.INTERNAL), "format": Format.PDF.value, "language": language()}
        )
        self._say_paper()
        self.changed.connect(self._follow)
        self._say_profile()

    def order(self, *, protected: bool) -> Order:
        """What is asked for now."""
        said = {key: value for key, value in self.committed.items() if value}
        offer = self.offer()
        said |= {"paper": offer.paper.value, "about": offer.about}
        if offer.paper in ON_OWN_GROUNDS:
            said = {key: value for key, value in said.items() if key != "recipient"} | {"profile": Profile.INTERNAL}
        if offer.paper is not Paper.SUMMARY:
            said["format"] = Format.PDF.value
        if not self.leaves_the_office():
            said.pop("agency", None)
            said.pop("consent_id", None)
        order = Order(**said)
        return order if protected else replace(order, password=None)

    def offer(self) -> Offer:
        """Which paper; the summary as long as nothing is chosen."""
        return self._offered.get(self.committed["paper"]) or next(iter(self._offered.values()))

    def form(self) -> Format:
        """In which form it leaves; a PDF as long as nothing is chosen, and always what is no summary."""
        is_summary = self.offer().paper is Paper.SUMMARY
        return Format(self.committed["format"] or Format.PDF) if is_summary else Format.PDF

    def profile(self) -> Profile | None:
        """For whom it is made; None as long as nothing is chosen."""
        code = self.committed["profile"]
        return Profile(code) if code in codelist("redaction_profile") else None

    def leaves_the_office(self) -> bool:
        """Whether the paper needs a consent that is chosen here."""
        return self.committed["profile"] in _OUTSIDE[1] and self.offer().paper not in ON_OWN_GROUNDS

    def _say_paper(self) -> None:
        self.set_hint("paper", _(_WARNINGS.get(self.offer().paper, "")))

    def _follow(self, key: str) -> None:
        if key == "paper":
            self._say_paper()
            if self.offer().paper in ON_OWN_GROUNDS and self.committed["profile"] != Profile.INTERNAL:
                self.put("profile", str(Profile.INTERNAL))  # also hides what belongs to a profile
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
