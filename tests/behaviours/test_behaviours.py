"""Every behaviour does on every personality what it says, read back from the BMC itself.

What runs is whatever the chosen driver has in the behaviour's place, so an override is held to the
same outcome as the standard.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from fleetd.domain.errors import InvalidInput, NotFound, Unsupported
from fleetd.driverkit.behaviours.accounts import Accounts
from fleetd.driverkit.behaviours.bios import BiosSettings
from fleetd.driverkit.behaviours.bmc_reset import BmcReset
from fleetd.driverkit.behaviours.boot_override import Boot, BootOverride, Lasting
from fleetd.driverkit.behaviours.firmware import FirmwareUpdate, Image
from fleetd.driverkit.behaviours.indicator import LocationIndicator
from fleetd.driverkit.behaviours.logs import Logs
from fleetd.driverkit.behaviours.power_control import PowerControl
from fleetd.driverkit.behaviours.secure_boot import SecureBoot
from fleetd.driverkit.behaviours.sensors import Sensors
from fleetd.driverkit.behaviours.tracking import Stage, Tracking
from fleetd.driverkit.behaviours.virtual_media import VirtualMedia
from fleetd_emulators.hardware import Personality
from tests.support.operating import ROOT, Answered, OperatedBmc, operated

PROTOCOLS = "TransferProtocolType@Redfish.AllowableValues"
SWITCH = {"Enabled": "Disabled", "Disabled": "Enabled"}


every_personality = pytest.mark.parametrize("personality", list(Personality))


def is_on(system: Mapping[str, Any]) -> bool:
    return bool(system["PowerState"] == "On")


def is_off(system: Mapping[str, Any]) -> bool:
    return bool(system["PowerState"] == "Off")


async def reset(bmc: OperatedBmc, reset_type: str) -> None:
    documents, begun = await bmc.gather(PowerControl, ComputerSystem=bmc.system)
    power = bmc.behaviour(PowerControl)
    await bmc.send(power.reset(begun["ComputerSystem"], documents, reset_type))


def a_switch(attributes: Mapping[str, Any]) -> tuple[str, str, str]:
    """An attribute that is on or off: its name, what it is, and what it's not."""
    name = next(name for name, item in attributes.items() if item in SWITCH)
    return name, attributes[name], SWITCH[attributes[name]]


@pytest.mark.asyncio
@every_personality
async def test_a_system_goes_on_and_off(personality: Personality) -> None:
    async with operated(personality=personality) as bmc:
        await reset(bmc, "On")
        await bmc.until(bmc.system, is_on)
        await reset(bmc, "ForceOff")

        await bmc.until(bmc.system, is_off)


@pytest.mark.asyncio
async def test_a_reset_that_is_not_offered_names_those_that_are() -> None:
    async with operated(personality="generic") as bmc:
        with pytest.raises(Unsupported, match=r"no ResetType 'Explode' here, only .*ForceOff"):
            await reset(bmc, "Explode")


@pytest.mark.asyncio
@every_personality
@pytest.mark.parametrize("lasting", [Lasting.ONCE, Lasting.CONTINUOUS])
async def test_the_next_boot_is_from_the_network(
    personality: Personality, lasting: Lasting
) -> None:
    if (personality, lasting) == (Personality.LENOVO, Lasting.CONTINUOUS):
        pytest.skip("there an override holds once only (quirk LEN-015)")
    async with operated(personality=personality) as bmc:
        behaviour = bmc.behaviour(BootOverride)
        documents, begun = await bmc.gather(BootOverride, ComputerSystem=bmc.system)

        wanted = Boot(target="Pxe", lasting=lasting, mode="UEFI")
        await bmc.send(*behaviour.override(begun["ComputerSystem"], documents, wanted))

        _, begun = await bmc.gather(BootOverride, ComputerSystem=bmc.system)
        current = behaviour.current(begun["ComputerSystem"])
        assert current is not None
        assert (current.target, current.lasting) == ("Pxe", lasting)


@pytest.mark.asyncio
@every_personality
async def test_bios_attributes_change_at_the_next_boot(personality: Personality) -> None:
    async with operated(personality=personality) as bmc:
        behaviour = bmc.behaviour(BiosSettings)
        documents, _ = await bmc.gather(BiosSettings, ComputerSystem=bmc.system)
        (bios,) = documents.of_kind("Bios")
        name, before, after = a_switch(behaviour.attributes(bios))

        await bmc.send(*behaviour.change(bios, documents, {name: after}))
        documents, _ = await bmc.gather(BiosSettings, ComputerSystem=bmc.system)
        (bios,) = documents.of_kind("Bios")
        assert behaviour.attributes(bios)[name] == before
        assert behaviour.pending(bios, documents) == {name: after}
        await reset(bmc, "On")

        await bmc.until(bios.path, lambda body: bool(body["Attributes"][name] == after))


@pytest.mark.asyncio
@every_personality
async def test_bios_attributes_that_wait_can_be_withdrawn(personality: Personality) -> None:
    async with operated(personality=personality) as bmc:
        behaviour = bmc.behaviour(BiosSettings)
        documents, _ = await bmc.gather(BiosSettings, ComputerSystem=bmc.system)
        (bios,) = documents.of_kind("Bios")
        name, _, after = a_switch(behaviour.attributes(bios))
        await bmc.send(*behaviour.change(bios, documents, {name: after}))
        documents, _ = await bmc.gather(BiosSettings, ComputerSystem=bmc.system)

        await bmc.send(*behaviour.withdraw(bios, documents))

        documents, _ = await bmc.gather(BiosSettings, ComputerSystem=bmc.system)
        assert behaviour.pending(bios, documents) == {}
        assert behaviour.withdraw(bios, documents) == ()


async def is_tracked(bmc: OperatedBmc, answered: Answered) -> None:
    """What an answer names as its task or job says how far it is, in words that are known."""
    tracking = bmc.behaviour(Tracking)
    place = tracking.place(answered.status, answered.headers, answered.body)
    if place is not None:
        assert tracking.progress(await bmc.get(place)).stage is not Stage.UNKNOWN


@asynccontextmanager
async def an_image_at_a_uri() -> AsyncIterator[str]:
    """Where a BMC that fetches images itself finds one."""

    async def give(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=b"\x7fan image")

    server = web.Server(give)
    listener = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/bmc.bin"
    finally:
        listener.close()
        await server.shutdown(0.01)


@pytest.mark.asyncio
@pytest.mark.parametrize("personality", sorted(set(Personality) - {Personality.FUJITSU}))
async def test_an_image_is_taken_in_the_first_way_that_is_offered(
    personality: Personality,
) -> None:
    async with an_image_at_a_uri() as uri, operated(personality=personality) as bmc:
        behaviour = bmc.behaviour(FirmwareUpdate)
        place = (await bmc.get(ROOT))["UpdateService"]["@odata.id"]
        documents, begun = await bmc.gather(FirmwareUpdate, UpdateService=place)
        service = begun["UpdateService"]
        way = behaviour.ways(service, documents)[0]

        image = Image(name="bmc.bin", component="bmc", uri=uri)
        answers = await bmc.send(*behaviour.update(service, documents, image, way=way))

        assert all(answered.status in {200, 201, 202, 204} for answered in answers)
        for answered in answers:
            await is_tracked(bmc, answered)


@pytest.mark.asyncio
async def test_a_family_that_takes_no_images_has_no_way_to_update() -> None:
    async with operated(personality="fujitsu") as bmc:
        assert bmc.choice.behaviour(FirmwareUpdate) is None


@pytest.mark.asyncio
@every_personality
async def test_an_image_is_inserted_and_ejected(personality: Personality) -> None:
    async with operated(personality=personality) as bmc:
        behaviour = bmc.behaviour(VirtualMedia)
        starts = {"ComputerSystem": bmc.system, "Manager": bmc.manager}
        documents, _ = await bmc.gather(VirtualMedia, **starts)
        slot = behaviour.slots(documents, "CD")[0]

        taken = slot.body.get(PROTOCOLS) or ["HTTP"]
        scheme = "http" if "HTTP" in taken else "https"
        uri = f"{scheme}://127.0.0.1/boot.iso"
        await bmc.send(*behaviour.insert(slot, documents, uri))
        documents, _ = await bmc.gather(VirtualMedia, **starts)
        full = documents.get(slot.path)
        assert full is not None
        assert behaviour.is_inserted(full)
        await bmc.send(*behaviour.eject(full, documents))

        documents, _ = await bmc.gather(VirtualMedia, **starts)
        empty = documents.get(slot.path)
        assert empty is not None
        assert not behaviour.is_inserted(empty)


@pytest.mark.asyncio
@every_personality
async def test_a_bmc_restarts_when_it_is_told(personality: Personality) -> None:
    async with operated(personality=personality) as bmc:
        documents, begun = await bmc.gather(BmcReset, Manager=bmc.manager)

        request = bmc.behaviour(BmcReset).reset(begun["Manager"], documents)
        await bmc.send(request)

        await bmc.until(ROOT, lambda body: "Systems" in body)


@pytest.mark.asyncio
@every_personality
async def test_a_light_shows_where_the_machine_stands(personality: Personality) -> None:
    async with operated(personality=personality) as bmc:
        behaviour = bmc.behaviour(LocationIndicator)
        _, begun = await bmc.gather(LocationIndicator, ComputerSystem=bmc.system)

        await bmc.send(*behaviour.light(begun["ComputerSystem"], active=True))

        _, begun = await bmc.gather(LocationIndicator, ComputerSystem=bmc.system)
        assert behaviour.is_active(begun["ComputerSystem"]) is True


@pytest.mark.asyncio
@every_personality
async def test_an_account_is_made_its_password_changed_and_removed(
    personality: Personality,
) -> None:
    async with operated(personality=personality) as bmc:
        behaviour = bmc.behaviour(Accounts)
        place = (await bmc.get(ROOT))["AccountService"]["@odata.id"]

        async def look() -> tuple[Any, Any]:
            documents, begun = await bmc.gather(Accounts, AccountService=place)
            return documents, begun["AccountService"]

        documents, service = await look()
        secret, other = "Correct-Horse7", "Battery-Staple8"
        wanted = behaviour.create(service, documents, "fleetd", secret, "Administrator")
        assert secret not in repr(wanted)
        await bmc.send(*wanted)
        documents, service = await look()
        assert behaviour.find(documents, "fleetd") is not None
        await bmc.send(*behaviour.change_password(service, documents, "fleetd", other))
        await bmc.send(*behaviour.remove(documents, "fleetd"))

        documents, service = await look()
        assert behaviour.find(documents, "fleetd") is None
        with pytest.raises(NotFound):
            behaviour.remove(documents, "fleetd")


@pytest.mark.asyncio
@every_personality
async def test_a_password_that_the_bmc_would_cut_is_refused_before(
    personality: Personality,
) -> None:
    async with operated(personality=personality) as bmc:
        behaviour = bmc.behaviour(Accounts)
        place = (await bmc.get(ROOT))["AccountService"]["@odata.id"]
        documents, begun = await bmc.gather(Accounts, AccountService=place)
        service = begun["AccountService"]
        _, most = behaviour.password_length(service)
        if most is None:
            pytest.skip("this BMC sets no limit")

        with pytest.raises(InvalidInput, match="takes passwords of"):
            behaviour.create(service, documents, "fleetd", "x" * (most + 1), "Administrator")


@pytest.mark.asyncio
@every_personality
async def test_sensors_measure_something(personality: Personality) -> None:
    async with operated(personality=personality) as bmc:
        documents, _ = await bmc.gather(Sensors, Chassis=bmc.chassis)

        found = list(bmc.behaviour(Sensors).measurements(documents))

        assert {item.reading_type for item in found} & {"Temperature", "Power", "Rotational"}
        assert len({item.key for item in found}) == len(found)


@pytest.mark.asyncio
@every_personality
async def test_logs_have_entries_or_are_empty_after_clearing(personality: Personality) -> None:
    async with operated(personality=personality) as bmc:
        behaviour = bmc.behaviour(Logs)
        starts = {"ComputerSystem": bmc.system, "Manager": bmc.manager}
        documents, _ = await bmc.gather(Logs, **starts)
        service = behaviour.services(documents)[0]

        await bmc.send(*behaviour.clear(service, documents))

        documents, _ = await bmc.gather(Logs, **starts)
        assert len(list(behaviour.lines(documents, service))) <= 1


@pytest.mark.asyncio
@every_personality
async def test_secure_boot_is_switched_for_the_next_boot(personality: Personality) -> None:
    async with operated(personality=personality) as bmc:
        behaviour = bmc.behaviour(SecureBoot)
        documents, _ = await bmc.gather(SecureBoot, ComputerSystem=bmc.system)
        (before,) = documents.of_kind("SecureBoot")
        wanted = not behaviour.is_wanted(before)

        await bmc.send(*behaviour.enable(before, documents, enabled=wanted))

        documents, _ = await bmc.gather(SecureBoot, ComputerSystem=bmc.system)
        (after,) = documents.of_kind("SecureBoot")
        assert behaviour.is_wanted(after) is wanted


@pytest.mark.asyncio
async def test_secure_boot_s_keys_are_deleted_and_made_the_maker_s_again() -> None:
    modes = {"DeleteAllKeys": "SetupMode", "ResetAllKeysToDefault": "DeployedMode"}
    async with operated(personality="generic") as bmc:
        behaviour = bmc.behaviour(SecureBoot)
        documents, _ = await bmc.gather(SecureBoot, ComputerSystem=bmc.system)
        (secure_boot,) = documents.of_kind("SecureBoot")
        assert behaviour.is_enforced(secure_boot) is False

        for wanted, mode in modes.items():
            await bmc.send(*behaviour.reset_keys(secure_boot, documents, wanted))
            assert (await bmc.get(secure_boot.path))["SecureBootMode"] == mode
