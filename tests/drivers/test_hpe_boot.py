"""How HPE's driver boots, turns round and changes what an iLO watches."""

from __future__ import annotations

from typing import Any

import pytest

from fleetd.domain.errors import Unsupported
from fleetd.driverkit.behaviours.bios import BiosSettings
from fleetd.driverkit.behaviours.bmc_reset import BmcReset
from fleetd.driverkit.behaviours.boot_override import Boot, BootOverride, Lasting
from fleetd.driverkit.behaviours.power_control import PowerControl
from fleetd.driverkit.behaviours.readiness import Readiness
from fleetd.driverkit.behaviours.virtual_media import VirtualMedia
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.registry import Registry
from fleetd.driverkit.request import Request
from tests.support.driving import ask, captured_document
from tests.support.operating import OperatedBmc, operated

SYSTEM = "/redfish/v1/Systems/1"
ILO6 = "hpe-ilo6-1.66-dl380agen11-iloemu"
SIX = Facts(vendor="HPE", manager_model="iLO 6", manager_firmware="iLO 6 v1.66")
FOUR = Facts(oem=frozenset({"Hp"}), manager_firmware="iLO 4 v2.82")


def behaviour(registry: Registry, kind: Any, facts: Facts = SIX) -> Any:
    found = registry.choose(facts).behaviour(kind)
    assert found is not None
    return found


def system(enabled: str = "Disabled", **more: Any) -> Resource:
    boot = {
        "BootOrder": ["Boot0001", "Boot0002", "Boot0003"],
        "BootSourceOverrideEnabled": enabled,
        "BootSourceOverrideMode": "UEFI",
        "BootSourceOverrideTarget": "None" if enabled == "Disabled" else "Pxe",
    }
    return Resource(SYSTEM, {"Boot": boot, **more})


def test_the_mode_is_never_written(registry: Registry) -> None:
    booting = behaviour(registry, BootOverride)

    (request,) = booting.override(system(), Documents(), Boot(target="Pxe", mode="UEFI"))

    assert request.body == {
        "Boot": {"BootSourceOverrideEnabled": "Once", "BootSourceOverrideTarget": "Pxe"}
    }
    with pytest.raises(Unsupported, match="BootMode"):
        booting.override(system(), Documents(), Boot(target="Pxe", mode="Legacy"))


def test_clearing_says_disabled_and_nothing_more(registry: Registry) -> None:
    booting = behaviour(registry, BootOverride)
    cleared = Boot(target="None", lasting=Lasting.DISABLED)

    (request,) = booting.override(system("Once"), Documents(), cleared)

    assert request.body == {"Boot": {"BootSourceOverrideEnabled": "Disabled"}}
    assert booting.override(system("Disabled"), Documents(), cleared) == ()


@pytest.mark.asyncio
async def test_an_override_is_made_and_cleared_on_an_ilo() -> None:
    async with operated(personality="hpe") as bmc:
        booting = bmc.behaviour(BootOverride)
        seen = []
        for boot in (Boot(target="Pxe", mode="UEFI"), Boot(target="", lasting=Lasting.DISABLED)):
            documents, begun = await bmc.gather(BootOverride, ComputerSystem=bmc.system)
            await bmc.send(*booting.override(begun["ComputerSystem"], documents, boot))
            documents, begun = await bmc.gather(BootOverride, ComputerSystem=bmc.system)
            current = booting.current(begun["ComputerSystem"])
            assert current is not None
            seen.append(current.lasting)

        assert seen == [Lasting.ONCE, Lasting.DISABLED]


def test_an_order_has_every_option(registry: Registry) -> None:
    (request,) = behaviour(registry, BootOverride).order(system(), Documents(), ("Boot0003",))

    assert request.body == {"Boot": {"BootOrder": ["Boot0003", "Boot0001", "Boot0002"]}}


@pytest.mark.parametrize(
    ("said", "waits"),
    [
        ("InPost", "the end of POST"),
        ("InPostDiscoveryComplete", "the end of POST"),
        ("FinishedPost", None),
        ("PowerOff", None),
        (None, None),
    ],
)
def test_work_waits_for_the_end_of_post(
    said: str | None, waits: str | None, registry: Registry
) -> None:
    host = system(Oem={"Hpe": {"PostState": said}})

    assert behaviour(registry, Readiness).waits_for(host, Documents()) == waits


@pytest.mark.asyncio
async def test_an_emulated_ilo_says_when_its_post_is_over() -> None:
    async with operated(personality="hpe", habits={"post_s": 60}) as bmc:
        readiness = bmc.behaviour(Readiness)
        await bmc.send(*(await restart(bmc)))

        started = await bmc.until(bmc.system, lambda body: post(readiness, body) is not None)
        ended = await bmc.until(bmc.system, lambda body: post(readiness, body) is None)

        assert started["Oem"]["Hpe"]["PostState"] == "InPost"
        assert ended["Oem"]["Hpe"]["PostState"] == "FinishedPost"


def post(readiness: Readiness, body: Any) -> str | None:
    return readiness.waits_for(Resource(SYSTEM, body), Documents())


async def restart(bmc: OperatedBmc) -> tuple[Request, ...]:
    documents, begun = await bmc.gather(PowerControl, ComputerSystem=bmc.system)
    power = bmc.behaviour(PowerControl)
    on = begun["ComputerSystem"].body["PowerState"] == "On"
    return (power.reset(begun["ComputerSystem"], documents, "ForceRestart" if on else "On"),)


def test_a_full_power_cycle_is_hpes_action(registry: Registry) -> None:
    captured = captured_document(ILO6, SYSTEM)
    power = behaviour(registry, PowerControl)
    on = Resource(SYSTEM, {**captured, "PowerState": "On"})
    off = Resource(SYSTEM, {**captured, "PowerState": "Off"})

    request = power.reset(off, Documents(), "FullPowerCycle")

    assert "FullPowerCycle" in power.reset_types(on, Documents())
    assert request.path.endswith("/HpeComputerSystemExt.SystemReset")
    assert request.body == {"ResetType": "AuxCycle"}
    with pytest.raises(Unsupported, match="off"):
        power.reset(on, Documents(), "FullPowerCycle")


def test_a_reset_that_is_not_offered_is_refused_by_name(registry: Registry) -> None:
    reset = {"target": f"{SYSTEM}/r", "ResetType@Redfish.AllowableValues": ["On", "ForceOff"]}
    host = system(Actions={"#ComputerSystem.Reset": reset})
    power = behaviour(registry, PowerControl)

    with pytest.raises(Unsupported, match="ForceOff"):
        power.reset(host, Documents(), "FullPowerCycle")
    with pytest.raises(Unsupported, match="GracefulShutdown"):
        power.reset(host, Documents(), "GracefulShutdown")


def test_an_ilo_that_names_no_reset_types_is_sent_none(registry: Registry) -> None:
    restart = behaviour(registry, BmcReset)
    silent = Resource("/m", {"Actions": {"#Manager.Reset": {"target": "/m/r"}}})
    named = {"target": "/m/r", "ResetType@Redfish.AllowableValues": ["ForceRestart"]}

    assert restart.reset(silent, Documents()).body == {}
    assert restart.reset(
        Resource("/m", {"Actions": {"#Manager.Reset": named}}), Documents()
    ).body == {"ResetType": "ForceRestart"}


def test_an_ilo_4_is_told_the_image_only(registry: Registry) -> None:
    uri = "http://192.0.2.1/agent.iso"
    slot = Resource("/v/2", {"Actions": {"#VirtualMedia.InsertMedia": {"target": "/v/2/i"}}})

    (four,) = behaviour(registry, VirtualMedia, FOUR).insert(slot, Documents(), uri)
    (six,) = behaviour(registry, VirtualMedia).insert(slot, Documents(), uri)

    assert four.body == {"Image": uri}
    assert six.body == {"Image": uri, "Inserted": True, "WriteProtected": True}


@pytest.mark.asyncio
async def test_a_disc_goes_into_the_slot_for_discs_and_out_again() -> None:
    async with operated(personality="hpe") as bmc:
        media = bmc.behaviour(VirtualMedia)
        documents, _ = await bmc.gather(
            VirtualMedia, ComputerSystem=bmc.system, Manager=bmc.manager
        )
        (slot,) = media.slots(documents, "CD")

        (eject,) = media.eject(slot, documents)

        assert slot.last == "2"
        assert eject.body == {}


@pytest.mark.asyncio
async def test_bios_changes_go_where_the_settings_link_leads(registry: Registry) -> None:
    place = "/redfish/v1/systems/1/bios/settings/"
    bios = {
        "Attributes": {"ProcVirtualization": "Disabled"},
        "@Redfish.Settings": {"SettingsObject": {"@odata.id": place}},
    }
    tree = {f"{SYSTEM}/bios": bios, place: {"Attributes": {"ProcVirtualization": "Enabled"}}}

    asked = await ask(registry, SIX, BiosSettings, tree, Bios=f"{SYSTEM}/Bios/")

    resource = asked.begun["Bios"]
    (request,) = asked.behaviour.change(resource, asked.documents, {"A": "B"})
    assert request.path == place
    assert asked.behaviour.pending(resource, asked.documents) == {"ProcVirtualization": "Enabled"}
