"""Who meets again in the sample world: a recruiter known from three cases, a shared telephone, one person twice."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from app.demo.plan import CasePlan, Part

RECRUITER = "recruiter"  # Part.again of whoever connects three cases
IN_CASES = 3
SHARED_PHONE = "+6285100002277"


def connected(plans: list[CasePlan], random: Random) -> list[CasePlan]:
    """The same cases, with their acquaintances: as many of them as there are cases for."""
    found = list(plans)
    known = [n for n, plan in enumerate(found) if plan.suspect and not plan.suspect.again]
    if len(known) > 1:
        chosen = sorted(random.sample(known, min(IN_CASES, len(known))))
        recruiter = {**_suspect(found[chosen[0]]).person, "phone": SHARED_PHONE, "account": "kerja.cepat.2277"}
        for n in chosen:
            part = {**_suspect(found[n]).part, "network_role": "RECRUITER"}
            found[n] = _with_suspect(found[n], Part(recruiter, part, RECRUITER))
        rest = [n for n in known if n not in chosen]
        if rest:
            partner = _suspect(found[rest[-1]])
            found[rest[-1]] = _with_suspect(
                found[rest[-1]], replace(partner, person={**partner.person, "other_phone": SHARED_PHONE})
            )
    return _twice(found)


def _twice(plans: list[CasePlan]) -> list[CasePlan]:
    """One victim is entered anew as a witness of the latest case, by somebody who spelled the name the old way."""
    for plan in plans[:-1]:
        victim = plan.victims[0].person
        if _old_spelling(victim["name"]) != victim["name"] and "?" not in victim.get("birth_date", "?"):
            person = {key: victim[key] for key in ("sex", "birth_date", "nationality", "region", "village")}
            again = Part({"name": _old_spelling(victim["name"]), **person}, {"role": "WITNESS"})
            return [*plans[:-1], replace(plans[-1], parts=(*plans[-1].parts, again))]
    return plans


def _old_spelling(name: str) -> str:
    """'Yuli' was written 'Joeli' once."""
    return name.replace("u", "oe").replace("Y", "J")


def _suspect(plan: CasePlan) -> Part:
    assert plan.suspect is not None
    return plan.suspect


def _with_suspect(plan: CasePlan, suspect: Part) -> CasePlan:
    old = plan.suspect
    return replace(plan, parts=tuple(suspect if part is old else part for part in plan.parts))
