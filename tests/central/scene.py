"""A case with two victims and a suspect in office A, one victim referred to office B on her consent."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from app.central.keys import load_key
from app.models.field import to_ms
from app.models.ids import new_id
from app.models.sealed import token
from app.wire.messages import Change, Outcome, Status
from tests.centre import CentreUnderTest, Laptop

CODES = ["CASE", "IDENTIFYING", "OPEN"]
GOOD = (Status.ACCEPTED, Status.MERGED)


def sealed(words: str) -> str:
    """A token that nobody can open, always the same for the same words: all that the centre looks at is its form."""
    return token(b"nobody's", hashlib.sha512(words.encode()).digest())


def only(outcomes: list[Outcome]) -> Outcome:
    """The outcome of the one operation that was sent."""
    [outcome] = outcomes
    return outcome


def adding(*codes: str) -> dict[str, list[str]]:
    """The wire form of putting codes into a set."""
    return {"add": sorted(codes), "remove": []}


@dataclass(slots=True)
class Scene:
    """Two offices, one case; ids made before anything is sent."""

    centre: CentreUnderTest
    a: Laptop
    b: Laptop
    case: str = field(default_factory=new_id)
    siti: str = field(default_factory=new_id)
    rina: str = field(default_factory=new_id)
    budi: str = field(default_factory=new_id)
    siti_party: str = field(default_factory=new_id)
    consent: str = field(default_factory=new_id)
    referral: str = field(default_factory=new_id)
    rev: dict[str, int] = field(default_factory=dict)

    @property
    def centre_key(self) -> bytes:
        """The centre's public key."""
        return load_key(self.centre.data_dir).public

    def send(self, laptop: Laptop, *changes: Change) -> list[Outcome]:
        """Push, and remember the numbers."""
        outcomes = laptop.push(*changes)
        for change, outcome in zip(changes, outcomes, strict=True):
            if outcome.rev:
                self.rev[change.record.hex()] = outcome.rev
        return outcomes

    def register(self) -> None:
        """The case, its three persons and what is known of them."""
        a, case = self.a, self.case
        outcomes = self.send(
            a,
            a.make("case", record=case, number="3671-26-1", channel="WALK_IN", summary="Dijanjikan kerja di kafe."),
            a.make("person", record=self.siti, name="Siti", sex="FEMALE", health=sealed("luka bakar")),
            a.make("person", record=self.rina, name="Rina", sex="FEMALE"),
            a.make("person", record=self.budi, name="Budi", sex="MALE"),
            a.make("party", record=self.siti_party, case=case, person_id=self.siti, role="VICTIM"),
            a.make("party", case=case, person_id=self.rina, role="VICTIM"),
            a.make("party", case=case, person_id=self.budi, role="SUSPECT"),
            a.make("service", case=case, person_id=self.rina, service_type="HEALTH", state="PLANNED"),
        )
        assert {outcome.status for outcome in outcomes} == {Status.ACCEPTED}

    def consents(self, *, tiers: list[str] | None = None, valid_until: str | None = None) -> Change:
        """Siti agrees to be referred to B."""
        until = {"valid_until": valid_until} if valid_until else {}
        return self.a.make(
            "consent", record=self.consent, case=self.case, person_id=self.siti, purpose="SHARE", decision="GIVEN",
            recipient=self.b.office, tiers=adding(*(tiers or CODES)), given_by="SELF", **until,
        )  # fmt: skip

    def refers(self, *, tiers: list[str] | None = None, record: str | None = None, **changes: object) -> Change:
        """A refers Siti to B."""
        facts = {"person_id": self.siti, "to_office": self.b.office, "reason": "SHELTER", "urgency": "URGENT"}
        return self.a.make(
            "referral", record=record or self.referral, case=self.case, consent_id=self.consent,
            tiers=adding(*(tiers or CODES)), **{**facts, **changes},
        )  # fmt: skip

    def step(self, laptop: Laptop, step: str, **changes: object) -> Change:
        """A step of the referral, by a laptop of either side."""
        return laptop.make(
            "referral_event", case=self.case, referral_id=self.referral, step=step,
            at=to_ms(self.centre.clock()), **changes,
        )  # fmt: skip

    def withdraws(self) -> Change:
        """Siti takes her consent back."""
        return self.a.make(
            "consent", case=self.case, person_id=self.siti, purpose="SHARE", decision="WITHDRAWN",
            withdraws=self.consent, given_by="SELF",
        )  # fmt: skip

    def referred(self, **consent: str) -> Scene:
        """All of the above, sent and pulled by B."""
        self.register()
        outcomes = self.send(self.a, self.consents(**consent), self.refers(), self.step(self.a, "SENT"))
        assert {outcome.status for outcome in outcomes} == {Status.ACCEPTED}, outcomes
        self.b.pull()
        return self


def scene_of(centre: CentreUnderTest) -> Scene:
    """Offices A and B with a laptop each."""
    return Scene(centre, centre.device("A"), centre.device("B"))


def check_proof(centre: CentreUnderTest, *laptops: Laptop) -> None:
    """The maintained digest of every scope is what a device recomputes; each number is a line or a verdict."""
    for laptop in laptops:
        laptop.pull()
        assert laptop.receipt().status_code == 200
    for scope, head in centre.sql("SELECT scope, head FROM scope"):
        numbered = "SELECT seq FROM feed WHERE scope = %s UNION ALL SELECT seq FROM verdict WHERE scope = %s ORDER BY 1"
        seqs = [seq for (seq,) in centre.sql(numbered, scope, scope)]
        assert seqs == list(range(1, head + 1))
