"""Fills a new workspace with invented cases, for whoever wants to look around before real work begins."""

from __future__ import annotations

from collections.abc import Callable

from app.context import Context
from app.demo.loading import Loaded, Loader
from app.demo.offices import AGENCIES, OFFICE_B, REGION
from app.demo.world import World
from app.models.office import Agency
from app.models.permission import Permission
from app.services.validate import cleaned

CASES = 60


def load_sample(context: Context, told: Callable[[int, int], None] | None = None, *, cases: int = CASES) -> Loaded:
    """Sixty cases and the agencies around them, marked as a sample. Forbidden for a role without cases."""
    police = {"name": OFFICE_B.name, "agency_type": OFFICE_B.agency_type}
    with context.desk.write(Permission.WRITE_CASE) as session:  # the directory comes from the centre later
        session.add_all(Agency(**cleaned(Agency, {**agency, "region": REGION})) for agency in (*AGENCIES, police))
    context.put_setting("sample", True)
    return Loader(context.desk, World(context.now()).cases(cases), told=told).run()
