"""Recovery as an office does it: keys on paper, the escrow, two people, an audit that names them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pypdfium2
import pytest
from sqlalchemy import select

from app import i18n
from app.errors import Forbidden, Invalid
from app.models.local import AuditEntry
from app.models.office import User
from app.services.desk import Desk
from app.services.recovery import Occasion, paper_key, recover, set_trustees
from app.services.users import add_user
from app.vault.escrow import Opened, open_inner, open_outer
from app.vault.files import ESCROW
from app.vault.recovery import Newcomer
from app.vault.recovery_key import from_typed, public_of
from app.vault.workspace import Vault, Workspace
from tests.conftest import Clock

NEWCOMER = Newcomer("dewi", "Dewi", "SUPERVISOR", "sepeda ontel warna merah")
OCCASION = Occasion(NEWCOMER, "Rina", "Agus")


def typed(sheet: bytes) -> str:
    """The key as a person reads it off the printed page: four numbered lines."""
    page = pypdfium2.PdfDocument(sheet)[0].get_textpage().get_text_bounded()
    lines = re.findall(r"^[1-4] ((?:[A-Z0-9]{2,4} ?)+)", page, flags=re.MULTILINE)
    return from_typed("\n".join(lines))


@pytest.fixture
def secrets(as_role: Callable[[str], Desk], workspace: Workspace, clock: Clock) -> tuple[str, str]:
    """Both keys as they stand on paper; the workspace is sealed to them and closed."""
    keys = [paper_key(holder, office="UPTD PPA <b>Bandung</b>", now=clock) for holder in ("district", "centre")]
    (district, first), (centre, second) = keys
    set_trustees(as_role("SUPERVISOR"), workspace, district=district, centre=centre)
    return typed(first), typed(second)


def opened(workspace: Workspace, secrets: tuple[str, str]) -> Opened:
    raw = (workspace.directory / ESCROW).read_bytes()
    return open_inner(open_outer(raw, identity=secrets[1]), identity=secrets[0])


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_sheet_is_one_page_and_gives_the_key_back(language: str, clock: Clock) -> None:
    i18n.use(language)
    for holder in ("district", "centre"):
        public, sheet = paper_key(holder, office="UPTD PPA", now=clock)
        assert len(pypdfium2.PdfDocument(sheet)) == 1
        assert public_of(typed(sheet)) == public


@pytest.mark.parametrize("only", [False, True])
def test_two_people_let_somebody_in(
    only: bool, workspace: Workspace, secrets: tuple[str, str], clock: Clock, vault: Vault
) -> None:
    workspace.close()
    occasion = Occasion(NEWCOMER, "Rina", "Agus", only=only)
    assert (
        recover(workspace.directory, opened=opened(workspace, secrets), occasion=occasion, now=clock, vault=vault) == ""
    )
    with vault.unlock(workspace.directory, login="dewi", password=NEWCOMER.password, now=clock) as theirs:
        desk = Desk(theirs.engine, None, clock)  # type: ignore[arg-type]
        assert [user.login for user in theirs.users()] == (["dewi"] if only else ["siti", "dewi"])
        with desk.engine.connect() as connection:
            (fields,) = connection.scalars(select(AuditEntry.fields).where(AuditEntry.action == "recover"))
            entries = dict(connection.execute(select(User.login, User.active)).all())
        assert fields == "Rina, Agus"
        assert entries["dewi"] and entries.get("siti", True) is not only


def test_one_person_is_not_two(workspace: Workspace, secrets: tuple[str, str], clock: Clock, vault: Vault) -> None:
    workspace.close()
    before = (workspace.directory / "naungan.keys").read_bytes()
    for district, centre in (("Rina", " rina"), ("Rina", ""), ("", "Agus")):
        occasion = Occasion(NEWCOMER, district, centre)
        with pytest.raises(Invalid, match=r"dua orang|two people"):
            recover(workspace.directory, opened=opened(workspace, secrets), occasion=occasion, now=clock, vault=vault)
    assert (workspace.directory / "naungan.keys").read_bytes() == before


def test_setting_the_keys_takes_the_right_and_is_audited(
    desk: Desk, as_role: Callable[[str], Desk], workspace: Workspace, secrets: tuple[str, str]
) -> None:
    del secrets
    with pytest.raises(Forbidden):
        set_trustees(desk, workspace, district="age1x", centre="age1y")
    with pytest.raises(Invalid):
        set_trustees(as_role("SUPERVISOR"), workspace, district="age1x", centre="age1y")
    add_user(as_role("SUPERVISOR"), workspace, login="x", name="X", role="ADMIN", password="lautan tenang sore ini")
    with as_role("SUPERVISOR").read() as session:
        assert session.scalars(select(AuditEntry.action).where(AuditEntry.action == "escrow")).all() == ["escrow"]
