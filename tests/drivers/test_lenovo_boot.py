"""How Lenovo's driver boots, turns round and changes what an XCC watches."""

from __future__ import annotations

from typing import Any

import pytest

from fleetd.domain.errors import Unsupported
from fleetd.driverkit.behaviours.apply_time import ApplyTime
from fleetd.driverkit.behaviours.bios import BiosSettings
from fleetd.driverkit.behaviours.boot_override import Boot, BootOverride, Lasting
from fleetd.driverkit.behaviours.indicator import LocationIndicator
from fleetd.driverkit.behaviours.power_control import PowerControl
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.registry import Registry
from tests.support.operating import operated

SYSTEM = "/redfish/v1/Systems/1"
XCC2 = Facts(vendor="Lenovo", manager_model="Lenovo XClarity Controller 2")


def behaviour(registry: Registry, kind: Any, facts: Facts = XCC2) -> Any:
    found = registry.choose(facts).behaviour(kind)
    assert found is not None
    return found


def system(**more: Any) -> Resource:
    boot = {
        "BootOrder": ["CD/DVD Rom", "Hard Disk", "Network"],
        "BootSourceOverrideEnabled": "Disabled",
        "BootSourceOverrideTarget": "None",
    }
    return Resource(SYSTEM, {"Boot": boot, **more})


def test_an_order_is_staged_and_whole(registry: Registry) -> None:
    booting = behaviour(registry, BootOverride)
    staged = {"SettingsObject": {"@odata.id": f"{SYSTEM}/Pending"}}

    (request,) = booting.order(system(**{"@Redfish.Settings": staged}), Documents(), ("Network",))
    (direct,) = booting.order(system(), Documents(), ("Network",))

    assert (request.path, direct.path) == (f"{SYSTEM}/Pending", SYSTEM)
    assert request.body == {"Boot": {"BootOrder": ["Network", "CD/DVD Rom", "Hard Disk"]}}
    with pytest.raises(Unsupported, match="boot order"):
        booting.override(system(), Documents(), Boot(target="Pxe", lasting=Lasting.CONTINUOUS))


@pytest.mark.asyncio
async def test_an_override_is_made_on_an_xcc() -> None:
    async with operated(personality="lenovo") as bmc:
        booting = bmc.behaviour(BootOverride)
        documents, begun = await bmc.gather(BootOverride, ComputerSystem=bmc.system)

        await bmc.send(*booting.override(begun["ComputerSystem"], documents, Boot(target="Pxe")))

        boot = (await bmc.get(bmc.system))["Boot"]
        assert (boot["BootSourceOverrideTarget"], boot["BootSourceOverrideEnabled"]) == (
            "Pxe",
            "Once",
        )


def test_bios_changes_say_nothing_but_attributes(registry: Registry) -> None:
    change = {"OperatingModes_ChooseOperatingMode": "MaximumPerformance"}
    settings = {
        "SettingsObject": {"@odata.id": f"{SYSTEM}/Bios/Pending"},
        "SupportedApplyTimes": ["OnReset", "Immediate"],
    }
    bios = Resource(f"{SYSTEM}/Bios", {"@Redfish.Settings": settings})
    changing = behaviour(registry, BiosSettings)

    (request,) = changing.change(bios, Documents(), change, ApplyTime.ON_RESET)

    assert (request.path, request.body) == (f"{SYSTEM}/Bios/Pending", {"Attributes": change})
    with pytest.raises(Unsupported, match="OnReset"):
        changing.change(bios, Documents(), change, ApplyTime.IMMEDIATE)


@pytest.mark.asyncio
@pytest.mark.parametrize("personality", ["lenovo", "hpe"])
async def test_a_bios_change_waits_for_the_next_boot_and_can_be_withdrawn(
    personality: str,
) -> None:
    async with operated(personality=personality) as bmc:
        changing = bmc.behaviour(BiosSettings)
        documents, _ = await bmc.gather(BiosSettings, ComputerSystem=bmc.system)
        (bios,) = documents.of_kind("Bios")
        name, setting = next(
            (name, setting)
            for name, setting in changing.attributes(bios).items()
            if setting in {"Enabled", "Disabled"}
        )
        other = "Disabled" if setting == "Enabled" else "Enabled"
        await bmc.send(*changing.change(bios, documents, {name: other}))
        documents, _ = await bmc.gather(BiosSettings, ComputerSystem=bmc.system)
        waiting = changing.pending(bios, documents)
        await bmc.send(*changing.withdraw(bios, documents))
        documents, _ = await bmc.gather(BiosSettings, ComputerSystem=bmc.system)

        assert waiting == {name: other}
        assert changing.pending(bios, documents) == {}


@pytest.mark.parametrize("deeper", [False, True])
def test_a_full_power_cycle_is_lenovos_action(deeper: bool, registry: Registry) -> None:  # noqa: FBT001
    target = f"{SYSTEM}/Actions/Oem/LenovoComputerSystem.SystemReset"
    own = {"#LenovoComputerSystem.SystemReset": {"target": target}}
    actions = {
        "#ComputerSystem.Reset": {"target": f"{SYSTEM}/r"},
        "Oem": {"Lenovo": own} if deeper else own,
    }
    host, power = system(Actions=actions), behaviour(registry, PowerControl)

    request = power.reset(host, Documents(), "FullPowerCycle")

    assert "FullPowerCycle" in power.reset_types(host, Documents())
    assert (request.path, request.body) == (target, {"ResetType": "ACPowerCycle"})


def test_a_restart_that_may_hang_is_refused(registry: Registry) -> None:
    values = {"ResetType@Redfish.AllowableValues": ["On", "ForceOff", "ForceRestart"]}
    actions = {"#ComputerSystem.Reset": {"target": f"{SYSTEM}/r", **values}}
    power = behaviour(registry, PowerControl)
    sound, hanging = system(Actions=actions), system(Actions=actions, SKU="7D9RCTOLWW")

    assert power.reset(sound, Documents(), "ForceRestart").body == {"ResetType": "ForceRestart"}
    assert power.reset_types(hanging, Documents()) == ("On", "ForceOff")
    with pytest.raises(Unsupported, match="off, then on"):
        power.reset(hanging, Documents(), "ForceRestart")


def test_the_light_is_switched_at_the_system(registry: Registry) -> None:
    facts = Facts(vendor="Lenovo", model="ThinkSystem SD665-N V3")
    light = behaviour(registry, LocationIndicator, facts)

    (request,) = light.light(system(IndicatorLED="Off"), active=True)

    assert request.path == SYSTEM
    with pytest.raises(Unsupported, match="system"):
        light.light(Resource("/redfish/v1/Chassis/1", {"IndicatorLED": "Off"}), active=True)
