"""iRMC S4 to S6: how they are known, and how they are operated."""

from __future__ import annotations

from typing import Any, Final

import pytest

from fleetd.domain.errors import Unsupported
from fleetd.domain.identity import meaningful
from fleetd.driverkit.behaviours.bios import BiosSettings
from fleetd.driverkit.behaviours.boot_override import Boot, BootOverride, Lasting
from fleetd.driverkit.behaviours.firmware import FirmwareUpdate
from fleetd.driverkit.behaviours.power_control import PowerControl
from fleetd.driverkit.behaviours.sensors import Sensors
from fleetd.driverkit.behaviours.virtual_media import VirtualMedia
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.registry import Registry
from fleetd.redfish.traits import EtagPolicy
from tests.support.kept import chosen, kept, one

SYSTEM: Final = "/redfish/v1/Systems/0"
ALLOWED: Final = "@Redfish.AllowableValues"
SCHEMA: Final = "http://ts.fujitsu.com/redfish-schemas/v1/FTSSchema.v1_0_0"
IRMC: Final[dict[str, Any]] = {"oem": {"ts_fujitsu"}, "manager_model": "iRMC S5"}


@pytest.mark.parametrize(
    ("said", "generation"),
    [
        ({"vendor": "Fujitsu"}, None),
        ({"oem": {"ts_fujitsu"}, "manager_model": "iRMC S4"}, "iRMC S4"),
        ({"oem": {"ts_fujitsu"}, "manager_model": "iRMC S5"}, "iRMC S5"),
        ({"oem": {"Fsas"}, "vendor": "Fsas", "manager_model": "iRMC S6"}, "iRMC S6"),
    ],
)
def test_an_irmc_is_known_by_either_name(
    said: dict[str, Any], generation: str | None, registry: Registry
) -> None:
    facts = Facts(**{**said, "oem": frozenset(said.get("oem", ()))})

    choice = registry.choose(facts)

    assert (choice.name, choice.vendor) == ("fujitsu.irmc", "Fujitsu")
    assert choice.stack.generation_of(facts) == generation


def test_every_change_states_the_version_that_was_read(registry: Registry) -> None:
    choice = registry.choose(Facts(oem=frozenset({"ts_fujitsu"})))

    assert choice.traits.etag is EtagPolicy.READ


def test_an_override_is_switched_off_by_its_target_alone(registry: Registry) -> None:
    documents, system = one("ComputerSystem", SYSTEM, {"Boot": {"BootSourceOverrideMode": "UEFI"}})
    boot = chosen(registry, BootOverride, **IRMC)

    (off,) = boot.override(system, documents, Boot(target="None", lasting=Lasting.DISABLED))
    (once,) = boot.override(system, documents, Boot(target="Pxe", mode="UEFI"))

    assert off.body == {"Boot": {"BootSourceOverrideTarget": "None"}}
    assert once.body == {
        "Boot": {
            "BootSourceOverrideEnabled": "Once",
            "BootSourceOverrideTarget": "Pxe",
            "BootSourceOverrideMode": "UEFI",
        }
    }


@pytest.mark.parametrize(
    ("key", "parameter"),
    [
        (f"{SCHEMA}#FTSComputerSystem.Reset", "FTSResetType"),
        ("#FsasComputerSystem.Reset", "FsasResetType"),
        ("#FTSComputerSystem.Reset", "ResetType"),
    ],
)
def test_a_reset_that_only_the_maker_s_action_takes_goes_there(
    key: str, parameter: str, registry: Registry
) -> None:
    actions = {
        "#ComputerSystem.Reset": {
            "target": "/redfish/v1/R",
            f"ResetType{ALLOWED}": ["ForceOff", "PushPowerButton"],
        },
        "Oem": {key: {"target": "/redfish/v1/O", f"{parameter}{ALLOWED}": ["PowerOn", "PowerOff"]}},
    }
    documents, system = one("ComputerSystem", SYSTEM, {"Actions": actions})
    power = chosen(registry, PowerControl, **IRMC)

    on = power.reset(system, documents, "On")
    off = power.reset(system, documents, "ForceOff")

    assert power.reset_types(system, documents) == ("ForceOff", "PushPowerButton", "On")
    assert (on.path, on.body) == ("/redfish/v1/O", {parameter: "PowerOn"})
    assert (off.path, off.body) == ("/redfish/v1/R", {"ResetType": "ForceOff"})
    with pytest.raises(Unsupported):
        power.reset(system, documents, "Pause")


@pytest.mark.parametrize(
    ("image", "parameter"),
    [("CDImage", "VirtualMediaAction"), ("CD", "FTSVirtualMediaAction")],
    ids=["S4", "later"],
)
def test_an_image_is_configured_and_connected(
    image: str, parameter: str, registry: Registry
) -> None:
    place = f"{SYSTEM}/Oem/ts_fujitsu/VirtualMedia"
    action = {"target": "/redfish/v1/V", f"{parameter}{ALLOWED}": ["ConnectCD", "DisconnectCD"]}
    actions = {"Oem": {"#FTSComputerSystem.VirtualMedia": action}}
    documents, (_, configuration) = kept(
        ("ComputerSystem", SYSTEM, {"Actions": actions}),
        ("VirtualMedia", place, {image: {}}),
    )
    media = chosen(registry, VirtualMedia, **IRMC)

    (slot,) = media.slots(documents, "CD")
    configure, connect = media.insert(slot, documents, "nfs://10.0.0.1/srv/iso/boot.iso")
    (disconnect,) = media.eject(slot, documents)

    assert slot == configuration
    assert configure.body == {
        image: {
            "Server": "10.0.0.1",
            "ShareName": "/srv/iso",
            "ImageName": "boot.iso",
            "ShareType": "NFS",
        },
        "RemoteMountEnabled": True,
    }
    assert (connect.path, connect.body) == ("/redfish/v1/V", {parameter: "ConnectCD"})
    assert disconnect.body == {parameter: "DisconnectCD"}


def test_without_a_licence_there_is_no_virtual_media(registry: Registry) -> None:
    documents, (_, slot) = kept(("ComputerSystem", SYSTEM, {}), ("VirtualMedia", "/v", {}))

    with pytest.raises(Unsupported, match="licence"):
        chosen(registry, VirtualMedia, **IRMC).insert(slot, documents, "nfs://h/s/i.iso")


def test_firmware_is_said_to_be_not_updatable(registry: Registry) -> None:
    choice = registry.choose(Facts(oem=frozenset({"ts_fujitsu"})))

    assert choice.behaviour(FirmwareUpdate) is None


@pytest.mark.parametrize("key", ["ts_fujitsu", "Fsas"])
def test_the_chassis_power_is_measured(key: str, registry: Registry) -> None:
    consumption = {"ChassisPowerConsumption": {"CurrentPowerConsumptionW": 212}}
    documents, _ = kept(
        ("Power", "/redfish/v1/Chassis/0/Power", {"Oem": {key: consumption}}),
        ("Thermal", "/redfish/v1/Chassis/0/Thermal", {"Temperatures": [{"ReadingCelsius": 21}]}),
    )

    measured = list(chosen(registry, Sensors, **IRMC).measurements(documents))

    assert sorted((item.units, item.reading) for item in measured) == [("Cel", 21), ("W", 212)]


def test_an_attribute_may_be_a_list(registry: Registry) -> None:
    settings = {"@Redfish.Settings": {"SettingsObject": {"@odata.id": f"{SYSTEM}/Bios/Settings"}}}
    documents, bios = one("Bios", f"{SYSTEM}/Bios", settings)
    order = {"PersistentBootConfigOrder": [{"DeviceName": "NIC"}, {"DeviceName": "SSD"}]}

    (request,) = chosen(registry, BiosSettings, **IRMC).change(bios, documents, order)

    assert request.body == {"Attributes": order}


def test_padding_is_no_part_of_a_serial() -> None:
    assert meaningful("  S3Z8NX0K500001      ") == "S3Z8NX0K500001"
