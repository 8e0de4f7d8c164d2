"""Enrolment: what it checks, what it keeps, what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from app.errors import CentreRefused, Conflicted, NotTheCentre
from app.models import settings
from app.models.local import Setting
from app.sync.enrol import enrol
from app.wire.messages import EnrolReply, EnrolRequest, Signed
from tests.sync.country import Country, new_case
from tests.sync.laptops import Laptop


class Tampering:
    """A way to the centre on which somebody changes the reply."""

    def __init__(self, way: Any, change: Any) -> None:
        self._way, self._change = way, change

    def enrol(self, request: EnrolRequest) -> EnrolReply:
        """The centre's reply, changed."""
        changed: EnrolReply = self._change(self._way.enrol(request))
        return changed


@pytest.fixture
def newcomer(country: Country, laptop: Laptop) -> Laptop:
    """A laptop with work on it that no centre knows."""
    new_case(laptop)
    return laptop


def kept(laptop: Laptop) -> dict[str, Any]:
    """What enrolment keeps."""
    with laptop.session() as session:
        names = ("office", "office_code", "device", "device_tag", "certificate", "centre_key", "epoch", "centre_url")
        return {name: settings.get(session, name) for name in names}


def test_what_the_centre_vouches_for_is_kept(country: Country, newcomer: Laptop) -> None:
    with country.transport(newcomer) as transport:
        certificate = enrol(newcomer.setup, transport, code=country.centre.code("A").lower(), tag="K7")
    found = kept(newcomer)
    assert found["office"] == country.centre.office("A") == certificate.office.hex()
    assert (found["office_code"], found["device"], found["device_tag"]) == ("A", newcomer.workspace.device.id, "K7")
    assert found["centre_url"] == country.centre.base_url
    assert all(found.values())


def test_a_lost_reply_is_no_harm_the_code_serves_the_same_laptop_again(country: Country, newcomer: Laptop) -> None:
    code = country.centre.code("A")
    with country.transport(newcomer) as transport:
        one = enrol(newcomer.setup, transport, code=code, tag="K7")
        assert enrol(newcomer.setup, transport, code=code, tag="K7") == one


@pytest.mark.parametrize(
    ("code", "tag", "said"), [("WRONGCODE2", "K7", "code"), ("", "K7", "code"), (None, "k7!", "tag")]
)
def test_what_the_centre_refuses_changes_nothing_here(
    country: Country, newcomer: Laptop, code: str | None, tag: str, said: str
) -> None:
    before = newcomer.count(Setting)
    good = country.centre.code("A")
    with country.transport(newcomer) as transport, pytest.raises(CentreRefused) as refused:
        enrol(newcomer.setup, transport, code=good if code is None else code, tag=tag)
    assert refused.value.code == said
    assert newcomer.count(Setting) == before


def test_a_taken_device_code_is_told(country: Country, newcomer: Laptop) -> None:
    country.laptop("a1")
    with country.transport(newcomer) as transport, pytest.raises(CentreRefused) as refused:
        enrol(newcomer.setup, transport, code=country.centre.code("A"), tag="A1")
    assert refused.value.code == "tag_taken"


def test_a_laptop_of_one_office_does_not_become_one_of_another(country: Country) -> None:
    laptop = country.laptop("a1")
    with country.transport(laptop) as transport, pytest.raises(CentreRefused) as refused:
        enrol(laptop.setup, transport, code=country.centre.code("B"), tag="A1")
    assert refused.value.code == "enrolled"
    assert laptop.actor.office == country.centre.office("A")


def test_a_certificate_that_is_not_ours_is_not_believed(country: Country, newcomer: Laptop, make_laptop: Any) -> None:
    other = make_laptop("other")
    with country.transport(other) as transport:
        replies: list[EnrolReply] = []
        enrol(
            other.setup, Tampering(transport, lambda r: replies.append(r) or r), code=country.centre.code("A"), tag="O"
        )
    foreign, forged = replies[0], Signed(replies[0].certificate.body, bytes(64))
    for change in (
        lambda _reply: foreign,
        lambda reply: EnrolReply(forged, reply.centre_key, reply.epoch),
        lambda reply: EnrolReply(reply.certificate, bytes(32), reply.epoch),
        lambda reply: EnrolReply(reply.certificate, b"short", reply.epoch),
    ):
        code = country.centre.code("A")
        with country.transport(newcomer) as transport, pytest.raises(NotTheCentre):
            enrol(newcomer.setup, Tampering(transport, change), code=code, tag="K7")  # type: ignore[arg-type]
    assert kept(newcomer)["certificate"] is None


def test_another_centre_does_not_take_over_an_enrolled_laptop(country: Country) -> None:
    laptop = country.laptop("a1")
    with laptop.setup.write() as session:
        settings.put(session, "centre_key", bytes(32))  # as if it had been enrolled by another centre
    with country.transport(laptop) as transport, pytest.raises(Conflicted):
        enrol(laptop.setup, transport, code=country.centre.code("A"), tag="A1")
