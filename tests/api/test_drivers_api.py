"""Drivers over REST and at the CLI: which there are, and why a device has its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleetd.domain.device import DeviceId
from fleetd.domain.errors import NotFound
from fleetd.driverkit.describe import render_markdown
from fleetd.driverkit.registry import Registry
from fleetd.services.drivers import DriverUses
from fleetd_emulators.hardware import Personality
from fleetd_emulators.servers.documents import documents
from tests.support.fakes import FakeFleet, fake_fleet
from tests.support.trees import TreeReader, emulated_server, read

REGISTRY = Registry.load()
ROOT = Path(__file__).parents[2]


def known_device(fleet: FakeFleet) -> DeviceId:
    return next(iter(fleet.devices.by_id))


@pytest.mark.asyncio
@pytest.mark.parametrize("personality", list(Personality))
async def test_the_choice_is_explained_as_the_sweep_made_it(personality: Personality) -> None:
    fleet = fake_fleet()
    device_id = known_device(fleet)
    reading = await read(TreeReader(documents(emulated_server(personality))), REGISTRY)
    fleet.devices.documents[device_id] = reading.documents

    choice = await DriverUses(registry=REGISTRY, devices=fleet.devices).explain(device_id)

    assert (choice.name, choice.vendor) == (reading.driver, reading.vendor)
    assert choice.facts.manager_firmware is not None


@pytest.mark.asyncio
async def test_a_device_whose_documents_are_not_kept_is_no_guess() -> None:
    fleet = fake_fleet()
    uses = DriverUses(registry=REGISTRY, devices=fleet.devices)
    device_id = known_device(fleet)
    fleet.devices.documents.pop(device_id, None)

    with pytest.raises(NotFound, match="have its endpoint read again"):
        await uses.explain(device_id)
    with pytest.raises(NotFound, match="no device has the id"):
        await uses.explain(DeviceId("none"))


def test_the_page_of_quirks_is_current() -> None:
    page = (ROOT / "docs/quirks.md").read_text()

    assert page == render_markdown(REGISTRY.drivers), "run .venv/bin/python docs/generate.py"
