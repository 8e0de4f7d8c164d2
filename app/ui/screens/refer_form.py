"""The form of a referral: what follows from the recipient, the urgency and the consent is filled in by itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from app.i18n import _
from app.models.consent import OVERRIDES
from app.models.field import Tier, fields_of
from app.models.permission import Permission
from app.models.referral import Referral
from app.services import consents, directory
from app.services.case_page import CasePage
from app.services.desk import Desk, Saved
from app.services.entries import Entry
from app.services.referral_page import can_open
from app.services.referrals import DUE_HOURS
from app.services.sharing import package_of
from app.ui.dialogs import FormDialog
from app.ui.field_editors import FieldLike
from app.ui.form import Form
from app.ui.form_tools import choices, tools_for
from app.ui.screens.case_dialogs import new_consent
from app.ui.screens.refer_editors import ConsentEditor, RecipientEditor, TierEditor, recipient_search
from app.ui.widgets.editors import CodeEditor
from app.ui.widgets.pick_codes import PickCodesEditor
from app.ui.workplace import Workplace

KEYS = (
    "to_agency", "person_id", "reason", "urgency", "due_at", "to_person", "consent_id", "tiers", "parts", "services",
    "message",
)  # fmt: skip
OVERRIDE = ("override_ground", "override")  # only for who may share without consent
LAYOUT = (("to_agency", "reason", "due_at"), ("person_id", "urgency", "to_person"))
USUAL = "DAY1"


class ReferForm(Form):
    """`touched` is true once the person, not the program, changed something."""

    def __init__(self, place: Workplace, page: CasePage) -> None:
        declared = {f.key: f for f in fields_of(Referral)}
        people = [(v.person.id, v.person["name"] or "") for v in page.victims]
        finder = recipient_search(place.desk, asked=lambda: self._asked())
        editors: Mapping[str, Any] = {
            "to_agency": lambda _f: RecipientEditor(finder),
            "person_id": lambda _f: CodeEditor(people),
            "services": lambda f: PickCodesEditor(choices(f.codelist)),
            "parts": lambda f: PickCodesEditor(choices(f.codelist)),
            "consent_id": lambda _f: ConsentEditor(self.record_consent),
            "tiers": _tier_editor,
        }
        over = OVERRIDE if place.desk.may(Permission.OVERRIDE_CONSENT) else ()
        fields = [declared[key] for key in (*KEYS, *over)]
        super().__init__(fields, tools=tools_for(place.desk, Referral), layout=LAYOUT, editors=editors)
        self.place, self.page, self.touched = place, page, False
        self._agencies = {agency.id: agency for agency in directory.recipients(place.desk)}
        self._usable: tuple[Entry, ...] = ()
        self._due_by_hand = self._computing = False
        self.changed.connect(self._follow)
        self.begin({})

    def begin(self, values: Mapping[str, Any]) -> None:
        """Start with these values; one victim is the one, a day is the usual time to answer."""
        start: dict[str, Any] = {"urgency": USUAL, "due_at": self._due(USUAL)}
        if self.page.victims:
            start["person_id"] = self.page.victims[0].person.id
        self._due_by_hand = "due_at" in values
        self.set_values({**start, **values})
        self._offer_consents()

    def agency(self) -> Entry | None:
        """The directory entry that is chosen."""
        return self._agencies.get(self.committed["to_agency"] or "")

    def record_consent(self) -> None:
        """Record a consent without leaving the dialog; it is chosen when it fits."""
        dialog = FormDialog(self.place, new_consent(self.place.desk, self.page), parent=self.window())
        dialog.restore({"person_id": self.committed["person_id"], "recipient": self._recipient()})
        dialog.saved.connect(self._consent_recorded)
        dialog.open()

    def _asked(self) -> tuple[str, ...]:
        return tuple(self.committed["services"] or ())

    def _recipient(self) -> str | None:
        """What a consent names the recipient by."""
        agency = self.agency()
        return (agency["office_id"] or agency.id) if agency else None

    def _follow(self, key: str) -> None:
        self.touched = self.touched or not self._computing
        if key == "due_at" and not self._computing:
            self._due_by_hand = True
        if key == "urgency" and not self._due_by_hand:
            self._compute("due_at", self._due(self.committed["urgency"]))
        if key in ("to_agency", "person_id"):
            self._offer_consents()
        if key in ("consent_id", "override_ground"):
            self._allow_tiers()
        if key == "reason":
            self._take_package()
        if key == "tiers":
            self._say_tiers()

    def _compute(self, key: str, value: Any) -> None:
        was, self._computing = self._computing, True
        self.put(key, value)
        self._computing = was

    def _due(self, urgency: str | None) -> datetime:
        moment = self.place.now() + timedelta(hours=DUE_HOURS.get(urgency or "", DUE_HOURS[USUAL]))
        return moment.replace(second=0, microsecond=0)

    def _offer_consents(self) -> None:
        """The consents of this victim for this recipient; the latest is chosen until the person chooses."""
        person = self.committed["person_id"]
        found = consents.usable(self.place.desk, self.page.case.id, self._recipient())
        self._usable = tuple(c for c in found if c["person_id"] in (None, person))
        editor = self.boxes["consent_id"].editor
        assert isinstance(editor, ConsentEditor)
        editor.offer(self._usable, chosen=self.committed["consent_id"])
        chosen = editor.value() or (self._usable[-1].id if self._usable else None)
        if chosen != self.committed["consent_id"]:
            self._compute("consent_id", chosen)
        hint = "" if self._usable else _("No consent covers this recipient yet. Record one, or nothing can be shared.")
        self.set_hint("consent_id", hint)
        self.set_hint("to_agency", _how_it_goes(self.agency()))
        self._allow_tiers()

    def _take_package(self) -> None:
        """What the reason asks for, as far as it may leave; the person may narrow it, or add to it."""
        package = package_of(self.committed["reason"])
        self._compute("parts", package.parts)
        self._compute("tiers", ())
        self._allow_tiers(wanted=package.tiers)

    def _covered(self) -> tuple[str, ...]:
        chosen = next((c for c in self._usable if c.id == self.committed["consent_id"]), None)
        agreed = tuple(chosen["tiers"] or ()) if chosen else ()
        ground = OVERRIDES.get(str(self.committed.get("override_ground") or ""), frozenset())
        return tuple(tier.value for tier in Tier if tier.value in {*agreed, *ground})

    def _allow_tiers(self, *, wanted: tuple[str, ...] = ()) -> None:
        """What the consent covers can be shared; all of it, until the person takes something away."""
        editor = self.boxes["tiers"].editor
        assert isinstance(editor, TierEditor)
        covered = self._covered()
        before = set(self.committed["tiers"] or ()) or set(wanted)
        editor.allow(covered)
        self._compute("tiers", tuple(t for t in covered if t in before) or covered)
        self._say_tiers()

    def _say_tiers(self) -> None:
        """What may be chosen, and who will be able to open what is sealed."""
        agency = self.agency()
        words = [_("Only what the consent covers can be chosen.")] if self.committed["consent_id"] else []
        if agency is not None and Tier.SENSITIVE in (self.committed["tiers"] or ()):
            words.append(_how_sealed(self.place.desk, agency))
        self.set_hint("tiers", " ".join(filter(None, words)))

    def _consent_recorded(self, saved: Saved) -> None:
        self._offer_consents()
        if any(c.id == saved.id for c in self._usable):
            self._compute("consent_id", saved.id)
            self._compute("tiers", ())
            self._allow_tiers()


def _tier_editor(declared: FieldLike) -> TierEditor:
    return TierEditor(choices(declared.codelist or ""), name=_(declared.label))


def _how_sealed(desk: Desk, agency: Entry) -> str:
    """Who can open the sealed values that are shared, and when."""
    office, name = agency["office_id"], agency["name"] or ""
    if not office:
        return ""
    if not can_open(desk, office):
        return _("{office} has no key yet: sealed values follow at a later synchronisation.").format(office=name)
    if desk.keyring is None:
        return _("Sealed values follow when somebody who may read them signs in here and synchronises.")
    return _("Sealed values go along: {office} can read them, the centre cannot.").format(office=name)


def _how_it_goes(agency: Entry | None) -> str:
    if agency is None:
        return ""
    if agency["office_id"]:
        return _("Works in Naungan: reads it after the next synchronisation.")
    return _("Works on paper: hand over the PDF, and enter its answer here yourself.")
