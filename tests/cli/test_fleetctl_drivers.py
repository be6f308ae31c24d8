"""fleetctl driver: what a person reads of drivers and quirks."""

from __future__ import annotations

import json

import pytest

from fleetd.driverkit.registry import Registry
from fleetd_emulators.hardware import Personality
from fleetd_emulators.servers.documents import documents
from tests.cli.conftest import Ctl
from tests.support.fakes import FakeFleet
from tests.support.trees import TreeReader, emulated_server, read


@pytest.mark.asyncio
async def test_every_installed_driver_is_listed(ctl: Ctl) -> None:
    result = await ctl("driver", "list", "-o", "json")

    names = [driver["name"] for driver in json.loads(result.out)]
    assert names == sorted(driver.name for driver in Registry.load().drivers)


@pytest.mark.asyncio
async def test_a_driver_is_shown_with_what_it_claims_and_its_quirks(ctl: Ctl) -> None:
    result = await ctl("driver", "show", "dell.idrac")

    assert result.code == 0
    assert "vendor ^Dell" in result.out
    assert "service-tag-in-sku" in result.out


@pytest.mark.asyncio
async def test_an_unknown_driver_is_a_line_and_exit_3(ctl: Ctl) -> None:
    result = await ctl("driver", "show", "acme.ame")

    assert (result.code, result.out) == (3, "")
    assert "no driver is named 'acme.ame'" in result.err


@pytest.mark.asyncio
async def test_a_device_s_driver_is_explained(ctl: Ctl, fleet: FakeFleet) -> None:
    device_id, device = next(iter(fleet.devices.by_id.items()))
    reading = await read(TreeReader(documents(emulated_server(Personality.DELL))), Registry.load())
    fleet.devices.documents[device_id] = reading.documents

    result = await ctl("driver", "explain", device_id)

    assert result.code == 0, result.err
    assert "dell.idrac" in result.out
    assert "vendor is Dell" in result.out
    assert "iDRAC9" in result.out
    assert "service-tag-in-sku" in result.out
    assert device.id == device_id
