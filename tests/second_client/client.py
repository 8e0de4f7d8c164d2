"""A second client of the protocol, written from docs/sync.md: the order of a sync (section 11)."""

from __future__ import annotations

from tests.second_client.device import Device
from tests.second_client.proving import hello, prove
from tests.second_client.reading import pull
from tests.second_client.sending import freeze, push


def sync(device: Device) -> None:
    """All of it; wherever it breaks, the next one goes on."""
    freeze(device)
    if hello(device) is None and not device.store.waiting():
        return
    push(device)
    for scope in device.scopes:
        pull(device, scope)
    prove(device)
