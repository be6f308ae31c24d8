"""Outlets and switch ports are switched, over real sockets, as the standard's driver says."""

from __future__ import annotations

import pytest

from fleetd.domain.errors import Unsupported
from fleetd.driverkit.behaviours.outlets import OutletPower, Outlets
from fleetd.driverkit.behaviours.switch_ports import SwitchPorts
from fleetd.driverkit.documents import Documents, Resource
from fleetd_emulators.devices.pdu import PDU
from fleetd_emulators.devices.switch import PORTS
from tests.support.operating import OperatedBmc, operated


async def switch(bmc: OperatedBmc, path: str, kind: str, power: OutletPower) -> None:
    documents, begun = await bmc.gather(Outlets, **{kind: path})
    await bmc.send(*bmc.behaviour(Outlets).control(begun[kind], documents, power))


@pytest.mark.asyncio
async def test_an_outlet_is_switched_off_and_on_again() -> None:
    outlet = f"{PDU}/Outlets/1"
    async with operated(kind="pdus") as bmc:
        await switch(bmc, outlet, "Outlet", OutletPower.OFF)
        await bmc.until(outlet, lambda body: body["PowerState"] == "Off")

        await switch(bmc, outlet, "Outlet", OutletPower.ON)

        assert await bmc.until(outlet, lambda body: body["PowerState"] == "On")


@pytest.mark.asyncio
async def test_an_outlet_is_cycled_by_the_same_action() -> None:
    outlet = f"{PDU}/Outlets/1"
    async with operated(kind="pdus") as bmc:
        documents, begun = await bmc.gather(Outlets, Outlet=outlet)

        (request,) = bmc.behaviour(Outlets).control(begun["Outlet"], documents, OutletPower.CYCLE)
        (answer,) = await bmc.send(request)

        assert request.path.endswith("/Actions/Outlet.PowerControl")
        assert request.body == {"PowerState": "PowerCycle"}
        assert answer.status == 204


@pytest.mark.asyncio
async def test_a_group_of_outlets_is_switched_at_once() -> None:
    async with operated(kind="pdus") as bmc:
        await switch(bmc, f"{PDU}/OutletGroups/Branch2", "OutletGroup", OutletPower.OFF)

        await bmc.until(f"{PDU}/Outlets/9", lambda body: body["PowerState"] == "Off")
        await bmc.until(f"{PDU}/Outlets/16", lambda body: body["PowerState"] == "Off")
        assert (await bmc.get(f"{PDU}/Outlets/1"))["PowerState"] == "On"


def test_a_locked_outlet_is_not_switched() -> None:
    outlet = Resource(f"{PDU}/Outlets/1", {"PowerControlLocked": True, "PowerState": "On"})

    with pytest.raises(Unsupported, match="locked"):
        Outlets().control(outlet, Documents(), OutletPower.OFF)


@pytest.mark.asyncio
async def test_a_switch_port_is_shut_and_opened() -> None:
    path = f"{PORTS}/1"
    async with operated(kind="switches") as bmc:
        ports = bmc.behaviour(SwitchPorts)
        port = Resource(path, await bmc.get(path))

        await bmc.send(*ports.enable(port, enabled=False))
        shut = Resource(path, await bmc.get(path))
        await bmc.send(*ports.enable(shut, enabled=True))

        assert ports.is_enabled(port)
        assert not ports.is_enabled(shut)
        assert ports.is_enabled(Resource(path, await bmc.get(path)))
