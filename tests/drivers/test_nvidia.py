"""NVIDIA: trays of many makers, DPUs, DGX, NVLink switches."""

from __future__ import annotations

from typing import Any, Final

import pytest

from fleetd.driverkit.behaviours.bios import BiosSettings
from fleetd.driverkit.behaviours.boot_override import Boot, BootOverride
from fleetd.driverkit.behaviours.firmware import FirmwareUpdate, UpdateWay
from fleetd.driverkit.behaviours.power_control import PowerControl
from fleetd.driverkit.behaviours.sensors import Sensors
from fleetd.driverkit.behaviours.virtual_media import VirtualMedia
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.registry import Registry
from fleetd.redfish.traits import EtagPolicy
from fleetd_emulators.hardware import Personality
from fleetd_emulators.servers.documents import documents as emulated
from tests.support.kept import captured_body, chosen, kept, one
from tests.support.trees import TreeReader, captured, captures, emulated_server, read

GB300: Final = "supermicro-openbmc-gb300-70.01-redfishctl"
GH200: Final = "nvidia-openbmc-gh200-24.05-libredfish"
SWITCH: Final = "nvidia-nvlinkswitch-n5110ld-88.0002-libredfish"
DGX: Final = "nvidia-dgxh100-ami-23.11.20-libredfish"
SYSTEM: Final = "/redfish/v1/Systems/System_0"
TRAY: Final[dict[str, Any]] = {"oem": {"Nvidia", "OpenBmc"}, "manager_model": "OpenBmc"}
DPU: Final[dict[str, Any]] = {**TRAY, "vendor": "Nvidia", "product": "BlueField-3 DPU"}
VIKING: Final[dict[str, Any]] = {
    "vendor": "AMI",
    "product": "AMI Redfish Server",
    "oem": {"Ami", "AMI", "Nvidia"},
    "manufacturer": "NVIDIA",
    "model": "DGXH100",
}


def facts(**said: Any) -> Facts:
    return Facts(**{**said, "oem": frozenset(said.get("oem", ()))})


@pytest.mark.parametrize(
    ("said", "vendor", "generation"),
    [
        ({"vendor": "NVIDIA", "product": "GB200 NVL", "oem": {"Nvidia"}}, "NVIDIA", "GB200"),
        ({**TRAY, "vendor": "WIWYNN", "product": "GB200 NVL"}, "Wiwynn", "GB200"),
        ({**TRAY, "vendor": "Supermicro", "product": "GB NVL"}, "Supermicro", "GB NVL"),
        ({"vendor": "Supermicro", "product": "GB NVL", "oem": {"Nvidia"}}, "Supermicro", "GB NVL"),
        ({**TRAY, "product": "P3809", "manager_firmware": "GH200-24.05-2"}, "NVIDIA", "GH200"),
        ({**TRAY, "product": "P3809", "model": "N5110_LD"}, "NVIDIA", "NVLink switch"),
        ({**TRAY, "product": "VR NVL72"}, "NVIDIA", "Vera Rubin"),
    ],
)
def test_a_tray_of_any_maker_runs_nvidia_s_openbmc(
    said: dict[str, Any], vendor: str, generation: str, registry: Registry
) -> None:
    known = facts(**{"manufacturer": said.get("vendor") or "NVIDIA", **said})

    choice = registry.choose(known)

    assert (choice.name, choice.vendor) == ("nvidia.openbmc", vendor)
    assert choice.stack.generation_of(known) == generation


def test_a_full_power_cycle_is_the_chassis_own_action(registry: Registry) -> None:
    chassis = "/redfish/v1/Chassis/BMC_0"
    reset = {
        "#ComputerSystem.Reset": {
            "target": "/redfish/v1/S/R",
            "ResetType@Redfish.AllowableValues": ["On"],
        }
    }
    documents, (system, _) = kept(
        ("ComputerSystem", SYSTEM, {"Actions": reset}),
        ("Chassis", chassis, captured_body(GB300, chassis)),
    )
    power = chosen(registry, PowerControl, **TRAY)

    cycle = power.reset(system, documents, "FullPowerCycle")
    plain = power.reset(system, documents, "On")

    assert power.reset_types(system, documents) == ("On", "FullPowerCycle")
    assert cycle.path == f"{chassis}/Actions/Oem/NvidiaChassis.AuxPowerReset"
    assert cycle.body == {"ResetType": "AuxPowerCycle"}
    assert plain.path == "/redfish/v1/S/R"


@pytest.mark.parametrize(
    ("said", "version"), [("GB200Nvl-25.07-7", "25.07-7"), ("70.01.00.09", "70.01.00.09")]
)
def test_a_version_is_compared_without_its_platform(
    said: str, version: str, registry: Registry
) -> None:
    _, inventory = one("SoftwareInventory", "/f", {"Version": said})

    assert chosen(registry, FirmwareUpdate, **TRAY).version(inventory) == version


def test_a_gh200_boots_by_http_though_it_does_not_say_so(registry: Registry) -> None:
    documents, system = one("ComputerSystem", SYSTEM, captured_body(GH200, SYSTEM))
    boot = chosen(registry, BootOverride, **TRAY, manager_firmware="GH200-24.05-2")

    (request,) = boot.override(system, documents, Boot(target="UefiHttp", uri="http://h/x.efi"))

    assert request.body is not None
    assert request.body["Boot"]["BootSourceOverrideTarget"] == "UefiHttp"
    assert request.body["Boot"]["HttpBootUri"] == "http://h/x.efi"


def test_a_tray_is_measured_by_the_sensors_of_its_boards(registry: Registry) -> None:
    documents, _ = kept(
        ("Chassis", "/redfish/v1/Chassis/PDB_0", {"PowerSubsystem": {}}),
        ("Sensor", "/redfish/v1/Chassis/PDB_0/Sensors/P", {"Reading": 480, "ReadingUnits": "W"}),
    )

    (measured,) = chosen(registry, Sensors, **TRAY).measurements(documents)

    assert (measured.key, measured.reading) == ("Chassis/PDB_0/Sensors/P", 480)


def test_resetting_the_bios_sends_an_object(registry: Registry) -> None:
    place = f"{SYSTEM}/Bios"
    documents, bios = one("Bios", place, captured_body(GB300, place))

    (request,) = chosen(registry, BiosSettings, **TRAY).restore_defaults(bios, documents)

    assert request.body == {}


@pytest.mark.asyncio
async def test_an_nvlink_switch_is_a_switch(registry: Registry) -> None:
    if SWITCH not in captures():
        pytest.skip("this tree isn't here")

    reading = await read(TreeReader(captured(SWITCH)), registry)

    assert reading.driver == "nvidia.openbmc"
    assert [str(item.kind) for item in reading.descriptions] == ["switch"]


@pytest.mark.parametrize(
    "said",
    [
        DPU,
        {"vendor": "Nvidia", "product": "Nvidia-BMCMezz"},
        {**TRAY, "model": "BlueField-3 SmartNIC Main Card"},
        {**TRAY, "manager_firmware": "BF-24.10-39"},
        {**DPU, "manager_firmware": "BF-25.10-9", "model": "BlueField-3"},
    ],
)
def test_a_dpu_is_told_from_its_host(said: dict[str, Any], registry: Registry) -> None:
    choice = registry.choose(facts(**said))

    assert (choice.name, choice.vendor) == ("nvidia.bluefield", "NVIDIA")


@pytest.mark.parametrize("held", ["Host Privilege Level", "HostPrivilegeLevel"])
@pytest.mark.parametrize("asked", ["Host Privilege Level", "HostPrivilegeLevel"])
def test_an_attribute_is_found_with_and_without_spaces(
    held: str, asked: str, registry: Registry
) -> None:
    settings = {"@Redfish.Settings": {"SettingsObject": {"@odata.id": "/redfish/v1/S/B/Settings"}}}
    documents, bios = one(
        "Bios", "/redfish/v1/S/B", {**settings, "Attributes": {held: "Privileged"}}
    )

    (request,) = chosen(registry, BiosSettings, **DPU).change(
        bios, documents, {asked: "Restricted"}
    )

    assert request.body == {"Attributes": {held: "Restricted"}}


@pytest.mark.asyncio
async def test_a_dpu_in_nic_mode_is_read_without_what_fails(registry: Registry) -> None:
    tree = emulated(emulated_server(Personality.OPENBMC))
    tree["/redfish/v1"].update(Vendor="Nvidia", Product="BlueField-3 DPU")
    (system,) = (item["@odata.id"] for item in tree["/redfish/v1/Systems"]["Members"])
    (chassis,) = (item["@odata.id"] for item in tree[system]["Links"]["Chassis"])
    serial = tree[chassis]["SerialNumber"] = "MT2334XZ0LHB"
    tree[system].update(
        UUID="", SerialNumber="   ", Oem={"Nvidia": {"@odata.id": f"{system}/Oem/Nvidia"}}
    )
    tree[tree[system]["Memory"]["@odata.id"]]["Members"] = None
    reader = TreeReader(tree)

    reading = await read(reader, registry)

    assert reading.driver == "nvidia.bluefield"
    assert reading.descriptions[0].identity.serial == serial
    assert reading.descriptions[0].identity.uuid is None
    assert f"{system}/Oem/Nvidia" not in reader.asked
    assert f"{system}/Bios" not in reader.asked


@pytest.mark.asyncio
async def test_only_the_real_members_of_a_dgx_are_read(registry: Registry) -> None:
    if DGX not in captures():
        pytest.skip("this tree isn't here")
    tree: dict[str, Any] = {**captured(DGX)}
    for place, real in (("Systems", "DGX"), ("Managers", "BMC")):
        collection = captured_body(DGX, f"/redfish/v1/{place}")
        collection["Members"].append({"@odata.id": f"/redfish/v1/{place}/Self"})
        tree[f"/redfish/v1/{place}"] = collection
        tree[f"/redfish/v1/{place}/Self"] = {
            **captured_body(DGX, f"/redfish/v1/{place}/{real}"),
            "@odata.id": f"/redfish/v1/{place}/Self",
            "Id": "Self",
            "SerialNumber": "B0GU5",
            "UUID": "5f1cf000-643d-11f0-8000-7cc255905130",
        }

    plain = await read(TreeReader(captured(DGX)), registry)
    reading = await read(TreeReader(tree), registry)

    assert (reading.driver, reading.vendor) == ("ami.megarac", "NVIDIA")
    assert reading.descriptions == plain.descriptions


def test_a_dgx_gets_credentials_with_its_image(registry: Registry) -> None:
    documents, slot = one("VirtualMedia", "/redfish/v1/M/CD1", {"MediaTypes": ["CD"]})

    (request,) = chosen(registry, VirtualMedia, **VIKING).insert(slot, documents, "http://h/i.iso")

    assert request.body is not None
    assert {"UserName", "Password"} <= set(request.body)


def test_a_dgx_has_its_stack_s_ways(registry: Registry) -> None:
    choice = registry.choose(facts(**VIKING))
    place = "/redfish/v1/UpdateService"
    documents, service = one("UpdateService", place, captured_body(DGX, place))
    firmware = chosen(registry, FirmwareUpdate, **VIKING)

    assert choice.traits.etag is EtagPolicy.STAR
    assert not choice.traits.expand
    assert firmware.ways(service, documents)[0] is UpdateWay.MULTIPART
