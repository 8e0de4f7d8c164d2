"""A laptop and its copy: both believe that they are the one the centre knows."""

from __future__ import annotations

import shutil

from sqlalchemy import select

from app import context as contexts
from app.errors import CentreRefused
from app.models.all import Case
from app.services import care
from app.sync.loop import run
from app.vault.kdf import CHEAPEST
from app.vault.workspace import Vault
from tests.sync.country import Country
from tests.sync.laptops import PASSWORD, Laptop


class CopyOf:
    """The folder of a laptop, copied while it was closed; the laptop itself is open again."""

    def __init__(self, country: Country, name: str) -> None:
        self.country, self.name = country, name
        original = country.laptops[name]
        original.workspace.close()
        self.folder = original.workspace.directory.with_name(f"{name}-copy")
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(original.workspace.directory, self.folder)
        country.reopened(name)

    def works(self, chance: int, *, text: str) -> list[tuple[str, str, str]]:
        """A note is written on the copy, which is told that it is one, and goes on as a laptop of its own.

        Returns what was written: (laptop, case, text).
        """
        country = self.country
        copy = contexts.unlock(
            self.folder, login=self.name, password=PASSWORD, now=country.clock, vault=Vault(cost=CHEAPEST)
        )
        try:
            case_id = self._write(copy, chance, text=text)
            with copy.transport(country.centre.base_url) as transport:
                forked = run(copy.sync_setup(), transport).problem
            assert isinstance(forked, CentreRefused) and forked.code == "fork", forked
            copy.enrol_anew(country.centre.base_url, code=country.centre.code(self.name[0].upper()))
            with copy.transport(country.centre.base_url) as transport:
                report = run(copy.sync_setup(), transport)
            assert report.green, report.problem
        finally:
            copy.close()
        return [(self.name, case_id, text)] if case_id else []

    def _write(self, copy: contexts.Context, chance: int, *, text: str) -> str:
        laptop = Laptop(copy.workspace, self.country.clock)
        with laptop.session() as session:
            there = list(session.scalars(select(Case.id).order_by(Case.id)))
        if not there:
            return ""
        case_id = there[chance % len(there)]
        care.add_note(copy.desk, case_id, {"note_kind": "CALL", "at": laptop.clock(), "text": text})
        return case_id
