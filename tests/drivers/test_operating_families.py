"""Procedures of AMI, NVIDIA, Fujitsu and Huawei on emulated BMCs.

The emulated BMCs were written from other sources than the drivers, so each agrees with the other
by chance only where both are wrong alike.
"""

from __future__ import annotations

import pytest

from fleetd.domain.errors import DeviceError
from fleetd.driverkit.behaviours.bios import BiosSettings
from fleetd.driverkit.behaviours.boot_override import Boot, BootOverride, Lasting
from fleetd.driverkit.behaviours.firmware import FirmwareUpdate, Image
from fleetd.driverkit.behaviours.power_control import PowerControl
from fleetd.driverkit.behaviours.tracking import Stage, Tracking
from fleetd.driverkit.behaviours.virtual_media import VirtualMedia
from fleetd.driverkit.registry import Registry
from tests.support.operating import OperatedBmc, operated

ROOT = "/redfish/v1/"
FAMILIES = {
    "ami": ("ami.megarac", "Gigabyte"),
    "nvidia": ("nvidia.openbmc", "NVIDIA"),
    "fujitsu": ("fujitsu.irmc", "Fujitsu"),
    "huawei": ("huawei.ibmc", "Huawei"),
}


async def override(bmc: OperatedBmc, boot: Boot) -> dict[str, str]:
    """Set an override; what the system says of it then."""
    documents, begun = await bmc.gather(BootOverride, ComputerSystem=bmc.system)
    behaviour = bmc.behaviour(BootOverride)
    await bmc.send(*behaviour.override(begun["ComputerSystem"], documents, boot))
    said: dict[str, str] = (await bmc.get(bmc.system))["Boot"]
    return said


@pytest.mark.asyncio
@pytest.mark.parametrize("personality", FAMILIES)
async def test_an_override_is_set_and_switched_off(personality: str, registry: Registry) -> None:
    async with operated(registry, personality=personality) as bmc:
        once = await override(bmc, Boot(target="Pxe", mode="UEFI"))
        off = await override(bmc, Boot(target="None", lasting=Lasting.DISABLED))

        assert (bmc.choice.name, bmc.choice.vendor) == FAMILIES[personality]
        assert once["BootSourceOverrideTarget"] == "Pxe"
        assert once["BootSourceOverrideEnabled"] == "Once"
        assert off["BootSourceOverrideEnabled"] == "Disabled"


@pytest.mark.asyncio
@pytest.mark.parametrize("personality", ["ami"])
async def test_the_standard_s_override_is_refused_there(
    personality: str, registry: Registry
) -> None:
    async with operated(registry, personality=personality) as bmc:
        documents, begun = await bmc.gather(BootOverride, ComputerSystem=bmc.system)
        standard = BootOverride().override(begun["ComputerSystem"], documents, Boot(target="Pxe"))

        with pytest.raises(DeviceError):
            await bmc.send(*standard)


@pytest.mark.asyncio
@pytest.mark.parametrize("personality", FAMILIES)
async def test_a_bios_attribute_waits_where_it_was_sent(
    personality: str, registry: Registry
) -> None:
    async with operated(registry, personality=personality) as bmc:
        documents, begun = await bmc.gather(BiosSettings, ComputerSystem=bmc.system)
        (bios,) = documents.follow(begun["ComputerSystem"].body, "Bios")
        settings = bmc.behaviour(BiosSettings)
        name = next(n for n, v in settings.attributes(bios).items() if v == "Enabled")

        await bmc.send(*settings.change(bios, documents, {name: "Disabled"}))
        documents, _ = await bmc.gather(BiosSettings, ComputerSystem=bmc.system)

        assert settings.pending(bios, documents) == {name: "Disabled"}


@pytest.mark.asyncio
@pytest.mark.parametrize("personality", ["ami", "nvidia", "huawei"])
async def test_an_update_is_taken_and_told_of_by_a_task(
    personality: str, registry: Registry
) -> None:
    async with operated(registry, personality=personality) as bmc:
        documents, _ = await bmc.gather(FirmwareUpdate, ServiceRoot=ROOT)
        (service,) = documents.of_kind("UpdateService")
        firmware, tracking = bmc.behaviour(FirmwareUpdate), bmc.behaviour(Tracking)
        image = Image(name="bios.bin", component="bios")
        way = firmware.ways(service, documents)[0]

        *_, answer = await bmc.send(*firmware.update(service, documents, image, way=way))
        place = tracking.place(answer.status, answer.headers, answer.body)

        assert place is not None
        await bmc.until(
            place, lambda body: tracking.progress(body).stage not in {Stage.WAITING, Stage.RUNNING}
        )


@pytest.mark.asyncio
async def test_irmc_has_no_updates_to_offer(registry: Registry) -> None:
    async with operated(registry, personality="fujitsu") as bmc:
        assert bmc.choice.behaviour(FirmwareUpdate) is None


@pytest.mark.asyncio
async def test_a_reset_of_the_maker_s_own_is_taken_by_irmc(registry: Registry) -> None:
    async with operated(registry, personality="fujitsu") as bmc:
        documents, begun = await bmc.gather(PowerControl, ComputerSystem=bmc.system)
        power, system = bmc.behaviour(PowerControl), begun["ComputerSystem"]

        assert "PowerCycle" not in PowerControl().reset_types(system, documents)
        (answer,) = await bmc.send(power.reset(system, documents, "PowerCycle"))

        assert answer.status < 300


@pytest.mark.asyncio
async def test_ibmc_s_boot_order_is_four_attributes(registry: Registry) -> None:
    async with operated(registry, personality="huawei") as bmc:
        documents, begun = await bmc.gather(BootOverride, ComputerSystem=bmc.system)
        (bios,) = documents.of_kind("Bios")
        names = [f"BootTypeOrder{number}" for number in range(4)]
        wished = tuple(str(bios.body["Attributes"][name]) for name in reversed(names))
        order = bmc.behaviour(BootOverride).order(begun["ComputerSystem"], documents, wished)

        await bmc.send(*order)
        waiting, _ = await bmc.gather(BiosSettings, Bios=bios.path)

        pending = bmc.behaviour(BiosSettings).pending(bios, waiting)
        assert pending == dict(zip(names, wished, strict=True))


@pytest.mark.asyncio
async def test_irmc_connects_the_image_that_was_configured(registry: Registry) -> None:
    async with operated(registry, personality="fujitsu") as bmc:
        documents, _ = await bmc.gather(VirtualMedia, ComputerSystem=bmc.system)
        media = bmc.behaviour(VirtualMedia)
        (slot,) = media.slots(documents, "CD")

        await bmc.send(*media.insert(slot, documents, "nfs://10.0.0.1/srv/iso/boot.iso"))
        connected = documents.put("VirtualMedia", slot.path, await bmc.get(slot.path))
        await bmc.send(*media.eject(connected, documents))
        disconnected = documents.put("VirtualMedia", slot.path, await bmc.get(slot.path))

        assert media.is_inserted(connected)
        assert not media.is_inserted(disconnected)


@pytest.mark.asyncio
async def test_a_tray_s_full_power_cycle_is_found_by_its_manager(registry: Registry) -> None:
    async with operated(registry, personality="nvidia") as bmc:
        documents, begun = await bmc.gather(PowerControl, ComputerSystem=bmc.system)
        power, system = bmc.behaviour(PowerControl), begun["ComputerSystem"]

        assert "FullPowerCycle" in power.reset_types(system, documents)
        (answer,) = await bmc.send(power.reset(system, documents, "FullPowerCycle"))

        assert answer.status < 300
