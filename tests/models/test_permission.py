"""Each role, cell by cell: this table stands by itself, so that a change of the program's is seen here."""

from __future__ import annotations

import pytest

from app.models.codelist import codelist
from app.models.permission import NAMES, REFUSALS, ROLES, Permission, allowed

WHO = ("SOCIAL_WORKER", "SUPERVISOR", "PARTNER", "SECRETARY", "ADMIN")
TABLE = """
read              x x x . .
write_case        x x x . .
import            x x . . .
close_case        x x . . .
approve           . x . . .
refer             x x x . .
answer_referral   x x x . .
override_consent  . x . . .
hand_over         . x . . .
export            x x x . .
figures           x x x x .
sync              x x x x x
back_up           x x x x x
directory         . x . x x
manage_lists      . x . . x
manage_users      . x . . x
read_audit        . x . . .
accept_older      . x . . x
request_erasure   x x x . .
decide_erasure    . x . . .
"""
CELLS = [
    (role, row.split()[0], cell == "x")
    for row in TABLE.strip().splitlines()
    for role, cell in zip(WHO, row.split()[1:], strict=True)
]


def test_every_cell_of_the_table() -> None:
    found = [(role, name, allowed(role, Permission(name))) for role, name, _may in CELLS]
    assert found == CELLS


def test_the_table_has_every_permission_and_every_role_each_with_its_words() -> None:
    assert {name for _role, name, _may in CELLS} == {one.value for one in Permission}
    assert set(ROLES) == set(WHO) == {code.code for code in codelist("role").codes}
    assert set(NAMES) == set(REFUSALS) == set(Permission)


@pytest.mark.parametrize("role", ["", "VISITOR", "social_worker"])
def test_an_unknown_role_may_do_nothing(role: str) -> None:
    assert not any(allowed(role, permission) for permission in Permission)
