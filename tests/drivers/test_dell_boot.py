"""How Dell's driver has an iDRAC boot: generation by generation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fleetd.domain.errors import Unsupported
from fleetd.driverkit.behaviours.boot_override import Boot, BootOverride, Lasting
from fleetd.driverkit.behaviours.virtual_media import VirtualMedia
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.registry import Registry
from fleetd.driverkit.request import Method
from tests.support.driving import Asked, ask
from tests.support.operating import operated

SYSTEM = "/redfish/v1/Systems/System.Embedded.1"
MANAGER = "/redfish/v1/Managers/iDRAC.Embedded.1"
OLD = f"{MANAGER}/Attributes"
NEW = f"{MANAGER}/Oem/Dell/DellAttributes/iDRAC.Embedded.1"
TARGETS = ["None", "Pxe", "Cd", "Hdd", "UefiHttp"]


def facts(model: str, firmware: str, system: str = "PowerEdge R650") -> Facts:
    return Facts(vendor="Dell", manager_model=model, manager_firmware=firmware, model=system)


IDRAC8 = facts("13G Monolithic", "2.63.60.62")
EARLY = facts("14G Monolithic", "4.40.00.00")
NINE = facts("15G Monolithic", "7.00.30.00")
TEN = facts("17G Monolithic", "1.20.50.52")


def boot(*targets: str) -> dict[str, Any]:
    return {
        "BootOrder": ["Boot0000", "Boot0001"],
        "BootSourceOverrideEnabled": "Disabled",
        "BootSourceOverrideMode": "UEFI",
        "BootSourceOverrideTarget": "None",
        **({"BootSourceOverrideTarget@Redfish.AllowableValues": list(targets)} if targets else {}),
    }


def machine(attributes: str = NEW, *, settings: bool = False) -> dict[str, Any]:
    system: dict[str, Any] = {
        "Boot": boot(*([] if settings else TARGETS)),
        "Links": {"ManagedBy": [{"@odata.id": MANAGER}]},
    }
    tree = {
        SYSTEM: system,
        MANAGER: {
            "Links": {"Oem": {"Dell": {"DellAttributes": [{"@odata.id": attributes}]}}},
        },
        attributes: {"Attributes": {"ServerBoot.1.BootOnce": "Disabled", "Info.1.Type": "15G"}},
    }
    if settings:
        system["@Redfish.Settings"] = {"SettingsObject": {"@odata.id": f"{SYSTEM}/Settings"}}
        tree[f"{SYSTEM}/Settings"] = {"Boot": boot(*TARGETS)}
    return tree


async def booting(registry: Registry, known: Facts, tree: dict[str, Any]) -> Asked:
    return await ask(registry, known, BootOverride, tree, ComputerSystem=SYSTEM)


@pytest.mark.asyncio
async def test_an_override_goes_to_the_settings_resource(registry: Registry) -> None:
    asked = await booting(registry, TEN, machine(settings=True))
    system = asked.begun["ComputerSystem"]

    (request,) = asked.behaviour.override(system, asked.documents, Boot(target="Pxe"))

    assert (request.method, request.path) == (Method.PATCH, f"{SYSTEM}/Settings")
    assert request.body["Boot"] == {
        "BootSourceOverrideEnabled": "Once",
        "BootSourceOverrideTarget": "Pxe",
    }
    with pytest.raises(Unsupported, match="UefiHttp"):
        asked.behaviour.override(system, asked.documents, Boot(target="Usb"))


@pytest.mark.asyncio
async def test_an_override_is_made_and_cleared_on_an_idrac9() -> None:
    async with operated(personality="dell") as bmc:
        behaviour = bmc.behaviour(BootOverride)
        documents, begun = await bmc.gather(BootOverride, ComputerSystem=bmc.system)
        await bmc.send(*behaviour.override(begun["ComputerSystem"], documents, Boot(target="Pxe")))
        documents, begun = await bmc.gather(BootOverride, ComputerSystem=bmc.system)

        current = behaviour.current(begun["ComputerSystem"])

        assert current is not None
        assert (current.target, current.lasting) == ("Pxe", Lasting.ONCE)


@pytest.mark.asyncio
async def test_an_order_that_holds_is_not_written(registry: Registry) -> None:
    asked = await booting(registry, NINE, machine())
    system = asked.begun["ComputerSystem"]

    same = asked.behaviour.order(system, asked.documents, ("Boot0000", "Boot0001"))
    other = asked.behaviour.order(system, asked.documents, ("Boot0001", "Boot0000"))

    assert same == ()
    assert [request.body for request in other] == [
        {"Boot": {"BootOrder": ["Boot0001", "Boot0000"]}}
    ]


@pytest.mark.asyncio
async def test_a_uri_to_boot_from_is_refused_with_the_attributes_to_set(
    registry: Registry,
) -> None:
    asked = await booting(registry, NINE, machine())

    with pytest.raises(Unsupported, match="HttpDev1Uri"):
        asked.behaviour.override(
            asked.begun["ComputerSystem"],
            asked.documents,
            Boot(target="UefiHttp", uri="http://192.0.2.1/boot.efi"),
        )


@pytest.mark.asyncio
@pytest.mark.parametrize("known", [EARLY, TEN])
async def test_a_virtual_disc_is_named_by_the_idracs_attributes(
    known: Facts, registry: Registry
) -> None:
    asked = await booting(registry, known, machine())

    (request,) = asked.behaviour.override(
        asked.begun["ComputerSystem"], asked.documents, Boot(target="Cd")
    )

    assert request.path == NEW
    assert request.body == {
        "Attributes": {
            "ServerBoot.1.BootOnce": "Enabled",
            "ServerBoot.1.FirstBootDevice": "VCD-DVD",
        }
    }


@pytest.mark.asyncio
async def test_an_emulated_idrac_takes_its_attributes(registry: Registry) -> None:
    async with operated(personality="dell") as bmc:
        early = replace(bmc.choice.facts, manager_firmware="4.40.00.00")
        bmc.choice = registry.choose(early)
        documents, begun = await bmc.gather(BootOverride, ComputerSystem=bmc.system)
        booting = bmc.behaviour(BootOverride)
        (request,) = booting.override(begun["ComputerSystem"], documents, Boot(target="Cd"))

        await bmc.send(request)

        attributes = (await bmc.get(request.path))["Attributes"]
        assert attributes["ServerBoot.1.FirstBootDevice"] == "VCD-DVD"
        assert attributes["ServerBoot.1.BootOnce"] == "Enabled"


@pytest.mark.asyncio
async def test_between_6_and_8_a_disc_is_booted_by_the_standard(registry: Registry) -> None:
    asked = await booting(registry, NINE, machine())

    (request,) = asked.behaviour.override(
        asked.begun["ComputerSystem"], asked.documents, Boot(target="Cd")
    )

    assert request.path == SYSTEM


@pytest.mark.asyncio
@pytest.mark.parametrize("place", [OLD, NEW])
async def test_the_attributes_are_found_by_links_in_both_places(
    place: str, registry: Registry
) -> None:
    asked = await booting(registry, EARLY, machine(place))

    (request,) = asked.behaviour.override(
        asked.begun["ComputerSystem"], asked.documents, Boot(target="Floppy")
    )

    assert request.path == place


@pytest.mark.asyncio
async def test_what_would_hold_once_only_is_not_promised_to_last(registry: Registry) -> None:
    asked = await booting(registry, IDRAC8, machine())
    system = asked.begun["ComputerSystem"]

    assert asked.behaviour.override(system, asked.documents, Boot(target="Pxe"))
    with pytest.raises(Unsupported, match="boot order"):
        asked.behaviour.override(
            system, asked.documents, Boot(target="Pxe", lasting=Lasting.CONTINUOUS)
        )


@pytest.mark.asyncio
async def test_pxe_is_not_offered_where_it_does_not_work(registry: Registry) -> None:
    known = facts("16G Monolithic", "7.00.30.00", "PowerEdge XE9680")
    asked = await booting(registry, known, machine())

    with pytest.raises(Unsupported, match="UefiHttp"):
        asked.behaviour.override(asked.begun["ComputerSystem"], asked.documents, Boot(target="Pxe"))


@pytest.mark.asyncio
async def test_slots_are_found_under_the_system(registry: Registry) -> None:
    media = f"{SYSTEM}/VirtualMedia"
    tree = {
        SYSTEM: {"VirtualMedia": {"@odata.id": media}},
        MANAGER: {},
        media: {"Members": [{"@odata.id": f"{media}/1"}, {"@odata.id": f"{media}/2"}]},
        f"{media}/1": {"MediaTypes": ["CD", "DVD", "USBStick"], "Inserted": True},
        f"{media}/2": {"MediaTypes": ["CD", "DVD", "USBStick"], "Inserted": False},
    }

    asked = await ask(registry, TEN, VirtualMedia, tree, ComputerSystem=SYSTEM, Manager=MANAGER)

    slots = asked.behaviour.slots(asked.documents, "CD")
    assert [slot.last for slot in slots] == ["2", "1"]


@pytest.mark.asyncio
async def test_the_removable_disk_takes_images_of_disks_only() -> None:
    async with operated(personality="dell") as bmc:
        behaviour = bmc.behaviour(VirtualMedia)
        documents, _ = await bmc.gather(
            VirtualMedia, ComputerSystem=bmc.system, Manager=bmc.manager
        )
        (disk,) = behaviour.slots(documents, "USBStick")
        (disc,) = behaviour.slots(documents, "CD")

        with pytest.raises(Unsupported, match=r"\.img"):
            behaviour.insert(disk, documents, "http://192.0.2.1/agent.iso")
        assert behaviour.insert(disk, documents, "http://192.0.2.1/agent.img")
        assert behaviour.insert(disc, documents, "http://192.0.2.1/agent.iso")
