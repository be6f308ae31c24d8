"""Supermicro's procedures on an emulated BMC, which was written from other sources than they."""

from __future__ import annotations

import pytest

from fleetd.domain.errors import Unsupported
from fleetd.driverkit.behaviours.boot_override import BootOverride
from fleetd.driverkit.behaviours.firmware import FirmwareUpdate, Image, UpdateWay
from fleetd.driverkit.behaviours.power_control import PowerControl
from fleetd.driverkit.behaviours.tracking import Stage, Tracking
from fleetd.driverkit.behaviours.virtual_media import VirtualMedia
from fleetd.driverkit.registry import Registry
from tests.support.operating import OperatedBmc, operated

ROOT = "/redfish/v1/"
URI = "http://127.0.0.1/boot.iso"


async def ended(bmc: OperatedBmc, path: str) -> str:
    """The name of the task once it succeeded."""
    tracking = bmc.behaviour(Tracking)
    task = await bmc.until(
        path, lambda body: tracking.progress(body).stage not in {Stage.WAITING, Stage.RUNNING}
    )
    assert tracking.progress(task).stage is Stage.SUCCEEDED
    return str(task["Name"])


@pytest.mark.asyncio
async def test_an_update_is_verified_and_then_installed(registry: Registry) -> None:
    async with operated(registry, personality="supermicro") as bmc:
        documents, _ = await bmc.gather(FirmwareUpdate, ServiceRoot=ROOT)
        (service,) = documents.of_kind("UpdateService")
        firmware, tracking = bmc.behaviour(FirmwareUpdate), bmc.behaviour(Tracking)
        image = Image(name="bios.bin", component="bios")
        names = []

        for requests in (
            firmware.update(service, documents, image, way=UpdateWay.MULTIPART),
            firmware.start(service, documents),
        ):
            (answer,) = await bmc.send(*requests)
            place = tracking.place(answer.status, answer.headers, answer.body)
            assert place is not None
            names.append(await ended(bmc, place))

    assert names == ["BIOS Verify", "BIOS Update"]


@pytest.mark.asyncio
async def test_an_image_is_inserted_and_ejected(registry: Registry) -> None:
    async with operated(registry, personality="supermicro") as bmc:
        documents, _ = await bmc.gather(VirtualMedia, Manager=bmc.manager)
        media = bmc.behaviour(VirtualMedia)
        slot = media.slots(documents, "CD")[0]

        await bmc.send(*media.insert(slot, documents, URI))
        inserted = documents.put("VirtualMedia", slot.path, await bmc.get(slot.path))
        await bmc.send(*media.eject(slot, documents))
        ejected = documents.put("VirtualMedia", slot.path, await bmc.get(slot.path))

        assert media.is_inserted(inserted)
        assert not media.is_inserted(ejected)


@pytest.mark.asyncio
async def test_a_full_power_cycle_is_taken(registry: Registry) -> None:
    async with operated(registry, personality="supermicro") as bmc:
        documents, begun = await bmc.gather(PowerControl, ComputerSystem=bmc.system)
        power = bmc.behaviour(PowerControl)

        assert "FullPowerCycle" in power.reset_types(begun["ComputerSystem"], documents)
        (answer,) = await bmc.send(
            power.reset(begun["ComputerSystem"], documents, "FullPowerCycle")
        )

        assert answer.status < 300


@pytest.mark.asyncio
async def test_the_lasting_order_is_the_maker_s_own(registry: Registry) -> None:
    async with operated(registry, personality="supermicro") as bmc:
        documents, begun = await bmc.gather(BootOverride, ComputerSystem=bmc.system)
        (fixed,) = documents.of_kind("FixedBootOrder")
        boot = bmc.behaviour(BootOverride)
        wished = tuple(reversed(fixed.body["FixedBootOrder"]))

        await bmc.send(*boot.order(begun["ComputerSystem"], documents, wished))
        with pytest.raises(Unsupported, match="each of"):
            boot.order(begun["ComputerSystem"], documents, wished[:1])

        assert (await bmc.get(fixed.path))["FixedBootOrder"] == list(wished)
