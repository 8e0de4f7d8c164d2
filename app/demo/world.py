"""The sample world as a plan: who, what and when for every case, the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from app.demo.course import PARTNER, Course
from app.demo.distributions import draw, quota, victims_in_a_case, weights
from app.demo.meetings import connected
from app.demo.people import Population, Values
from app.demo.plan import CasePlan, Part
from app.demo.stories import (
    ABROAD,
    CHANNELS,
    CHANNELS_IN,
    PLATFORMS,
    REPORTERS,
    STORIES,
    SUSPECT_ROLES,
    Story,
)
from app.demo.whole_file import may_be_whole, with_file
from app.models.regions import regions

DISTRICT = "3273"
NEIGHBOURS = ("3204", "3217", "3277", "3205", "3211")
ACTIVE_BY_AGE = (0.72, 0.22, 0.06, 0.0, 0.0)  # share of cases still open, by calendar years since the report
ADULT_MODES = ("PMI", "SEX", "SCAM", "ABK", "OTHER")
ALIASES = ("Mami", "Bang Jo", "Kak Ros", "Om Dul", "Mbak Yus", "Si Kumis", "Koko")
CHILD_MODES = ("CHILD", "SEX", "PMI", "OTHER")


@dataclass(slots=True)
class World:
    """Makes plans from one seed around one moment."""

    now: datetime
    seed: int = 2022
    _random: Random = field(init=False)
    _people: Population = field(init=False)
    _recruiters: dict[str, Values] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)
        self._people = Population(self._random, today=self.now.date())

    def cases(self, count: int) -> tuple[CasePlan, ...]:
        """So many cases, oldest first; their shares follow the distributions as nearly as the number allows."""
        sizes = [victims_in_a_case(self._random) for _ in range(count)]
        groups = iter(quota(self._random, weights("victim_group"), count=sum(sizes)))
        ages = self._ages(count)
        channels = quota(self._random, weights("recruit"), count=count)
        plans = []
        for n, (size, channel) in enumerate(zip(sizes, channels, strict=True)):
            plans.append(self._case(ages[n], groups=[next(groups) for _ in range(size)], channel=channel))
        plans.sort(key=lambda plan: plan.reported_at)
        acquainted = connected(plans, Random(f"{self.seed} network"))
        return tuple(self._with_files(tuple(self._with_events(acquainted))))

    def _ages(self, count: int) -> list[int]:
        """Calendar years since the report: the curve of 2017 to 2021, ending this year."""
        curve = dict(zip(range(4, -1, -1), weights("year").values(), strict=True))
        return [int(age) for age in quota(self._random, {str(a): w for a, w in curve.items()}, count=count)]

    def _case(self, age: int, *, groups: Sequence[str], channel: str) -> CasePlan:
        child = groups[0].startswith("child")
        mode = self._mode(child=child)
        story = STORIES[mode]
        home = self._home()
        victims = [Part(self._people.victim(group, district=home), _victim_part(group)) for group in groups]
        suspect = self._suspect(channel, mode=mode)
        others = [suspect] if suspect else []
        if child and self._random.random() < 0.8:
            guardian = self._people.adult(self._random.choice("PPL"), district=home)
            others.append(Part(guardian, {"role": "GUARDIAN", "relation": "PARENT"}))
        elif self._random.random() < 0.2:
            others.append(Part(self._people.adult(self._random.choice("PL"), district=home), {"role": "WITNESS"}))
        values = (
            self._report(child=child) | self._facts(mode, story=story, channel=channel) | self._route(story, home=home)
        )
        return CasePlan(self._reported(age), values, (*victims, *others), mode)

    def _mode(self, *, child: bool) -> str:
        table = weights("mode_weight")
        modes = {name: table[name] for name in (CHILD_MODES if child else ADULT_MODES)}
        if child:
            modes |= {"CHILD": modes["CHILD"] * 3, "PMI": modes["PMI"] * 0.4}
        return draw(self._random, modes)

    def _home(self) -> str:
        chance = self._random.random()
        if chance < 0.6:
            return DISTRICT
        if chance < 0.82:
            return self._random.choice(NEIGHBOURS)
        name = draw(self._random, {key: w for key, w in weights("origin_kemensos2024").items() if _province(key)})
        districts = [code for code in regions() if len(code) == 4 and code.startswith(_province(name))]
        return self._random.choice(districts)

    def _suspect(self, channel: str, *, mode: str) -> Part | None:
        """A suspect in four of five cases; one in six of them is somebody who is known from another case."""
        if self._random.random() > 0.8:
            return None
        relation = self._random.choice(CHANNELS[channel][2])
        part = {"role": "SUSPECT", "relation": relation, "network_role": self._random.choice(SUSPECT_ROLES)}
        known = f"{mode}-{self._random.randint(1, 2)}" if self._random.random() < 0.17 else ""
        if known in self._recruiters:
            return Part(self._recruiters[known], part, known)
        person = self._people.adult(self._random.choice("PLLL"), district=self._home())
        if self._random.random() < 0.5:
            person["alias"] = self._random.choice(ALIASES)
        if known:
            self._recruiters[known] = person
        return Part(person, part, known)

    def _report(self, *, child: bool) -> Values:
        shares = (45, 40, 10, 5) if child else (28, 47, 20, 5)
        return {
            "channel": self._random.choice(CHANNELS_IN),
            "reporter_type": self._random.choice(REPORTERS),
            "risk": self._random.choices(("HIGH", "MEDIUM", "LOW", "UNASSESSED"), shares)[0],
        }

    def _facts(self, mode: str, *, story: Story, channel: str) -> Values:
        modes, places, _relations = CHANNELS[channel]
        found: Values = {
            "summary": self._random.choice(story.told),
            "exploitation": self._some(story.exploitation),
            "recruitment_mode": self._random.choice(modes.get(mode) or modes[""]),
            "recruitment_place": self._random.choice(places),
            "control": self._some(story.control),
        }
        if places[0] in ("SOCNET", "ONLINE_AD"):
            found["platform"] = self._random.choice(PLATFORMS)
        return found

    def _route(self, story: Story, *, home: str) -> Values:
        found: Values = {"origin": home, "transport": self._random.choice(story.transport)}
        if not story.abroad:
            return found | {"destination": self._random.choice(story.places), "destination_country": "ID"}
        country = self._random.choice(ABROAD[draw(self._random, weights("destination"))])
        transit = self._random.choice(("Batam", "Jakarta", "Pontianak", "Medan"))
        return found | {"destination_country": country, "transit": transit}

    def _some(self, codes: Sequence[str]) -> list[str]:
        return sorted(self._random.sample(codes, self._random.randint(1, min(2, len(codes)))))

    def _reported(self, age: int) -> datetime:
        """A working hour of that year, never later than five hours ago."""
        year = self.now.year - age
        first = datetime(year, 1, 1, tzinfo=UTC)
        last = min(datetime(year + 1, 1, 1, tzinfo=UTC), self.now) - timedelta(days=1)
        days = max(0, (last - first).days)
        recent = age == 0 and self._random.random() < 0.45  # offices remember the last weeks best
        day = days - int(self._random.triangular(0, 50, 5)) if recent else self._random.randint(0, days)
        moment = first + timedelta(days=max(0, day), minutes=self._random.randint(60, 540))
        return min(moment, self.now - timedelta(hours=5, minutes=self._random.randint(0, 50)))

    def _with_events(self, plans: list[CasePlan]) -> Iterator[CasePlan]:
        """The open ones are the youngest of their year, so that the office looks as one does today."""
        referred = 0
        for plan in plans:
            years = self.now.year - plan.reported_at.year
            young = (self.now - plan.reported_at).days < 120
            active = self._random.random() < (0.95 if young else ACTIVE_BY_AGE[min(years, 4)])
            whole = Course(self._random, plan, now=self.now, active=active).run(turn=referred)
            referred += any(event.values.get("to") == PARTNER for event in whole.happenings)
            yield whole

    def _with_files(self, plans: Sequence[CasePlan]) -> Iterator[CasePlan]:
        """Each with its file; the first open one that can be is told whole, else the first closed one."""
        able = [n for n, plan in enumerate(plans) if may_be_whole(plan, self.now)]
        still = [n for n in able if all(event.what != "close" for event in plans[n].happenings)]
        chosen = next(iter((*still, *able)), 0)
        for n, plan in enumerate(plans):
            yield with_file(plan, Random(f"{self.seed} file {n}"), now=self.now, whole=n == chosen)


def _victim_part(group: str) -> Values:
    return {"role": "VICTIM", "trafficking_status": "POSSIBLE" if group == "man" else "ACTUAL"}


def _province(name: str) -> str:
    short = {"NTB": "Nusa Tenggara Barat", "NTT": "Nusa Tenggara Timur"}
    wanted = short.get(name, name)
    return next((code for code, region in regions().items() if len(code) == 2 and region.name == wanted), "")
