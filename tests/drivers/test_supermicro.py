"""Supermicro X10 to X14: how they are known, and how they are operated."""

from __future__ import annotations

from typing import Any, Final

import pytest

from fleetd.domain.device import ComponentKind
from fleetd.domain.errors import Unsupported
from fleetd.driverkit.behaviours.bios import BiosSettings
from fleetd.driverkit.behaviours.boot_override import Boot, BootOverride, Lasting
from fleetd.driverkit.behaviours.firmware import FirmwareUpdate, Image, UpdateWay
from fleetd.driverkit.behaviours.power_control import PowerControl
from fleetd.driverkit.behaviours.secure_boot import SecureBoot
from fleetd.driverkit.behaviours.tracking import Tracking
from fleetd.driverkit.behaviours.virtual_media import VirtualMedia
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.registry import Registry
from fleetd_emulators.hardware import Personality
from fleetd_emulators.servers.documents import documents as emulated
from tests.support.kept import captured_body, chosen, kept, one
from tests.support.operating import operated
from tests.support.trees import TreeReader, emulated_server, read

X10: Final = "supermicro-x10-4.0-node119-redfishctl"
X12: Final = "supermicro-x12-01.13-510t-bmclib"
X13: Final = "supermicro-x13-821ge-gofish"
SYSTEM: Final = "/redfish/v1/Systems/1"
SERVICE: Final = "/redfish/v1/UpdateService"
SMC: Final[dict[str, Any]] = {"oem": {"Supermicro"}, "manager_model": "ASPEED"}
NEWER: Final[dict[str, Any]] = {**SMC, "manager_firmware": "01.13.04"}


@pytest.mark.parametrize(
    ("firmware", "generation"),
    [("4.0", "X10"), ("3.88", "X10"), ("1.74.09", "X11"), ("01.13.04", "X12 to X14"), (None, None)],
)
@pytest.mark.parametrize("maker", ["Supermicro", "Super Micro Computer", "SMCI"])
def test_both_spellings_and_each_generation_are_known(
    maker: str, firmware: str | None, generation: str | None, registry: Registry
) -> None:
    facts = Facts(vendor=maker, manufacturer=maker, manager_firmware=firmware)

    choice = registry.choose(facts)

    assert (choice.name, choice.vendor) == ("supermicro.bmc", "Supermicro")
    assert choice.stack.generation_of(facts) == generation


@pytest.mark.parametrize(("tree", "mode"), [(X12, {"BootSourceOverrideMode": "UEFI"}), (X10, {})])
def test_an_override_says_target_enabled_and_mode_together(
    tree: str, mode: dict[str, str], registry: Registry
) -> None:
    documents, system = one("ComputerSystem", SYSTEM, captured_body(tree, SYSTEM))
    boot = chosen(registry, BootOverride, **SMC)

    (once,) = boot.override(system, documents, Boot(target="Cd", mode="UEFI"))
    (off,) = boot.override(system, documents, Boot(target="None", lasting=Lasting.DISABLED))

    said = {"BootSourceOverrideEnabled": "Once", "BootSourceOverrideTarget": "UsbCd"}
    assert once.body == {"Boot": {**said, **mode}}
    nothing = {"BootSourceOverrideEnabled": "Disabled", "BootSourceOverrideTarget": "None"}
    assert off.body == {"Boot": {**nothing, **mode}}


@pytest.mark.asyncio
async def test_an_override_holds_at_an_emulated_bmc(registry: Registry) -> None:
    async with operated(registry, personality="supermicro") as bmc:
        documents, begun = await bmc.gather(BootOverride, ComputerSystem=bmc.system)
        boot = bmc.behaviour(BootOverride)

        await bmc.send(
            *boot.override(
                begun["ComputerSystem"],
                documents,
                Boot(target="Pxe", lasting=Lasting.CONTINUOUS),
            )
        )

        said = (await bmc.get(bmc.system))["Boot"]
        assert said["BootSourceOverrideTarget"] == "Pxe"
        assert said["BootSourceOverrideEnabled"] == "Continuous"


def test_an_ars_111gl_boots_a_cd_as_cd(registry: Registry) -> None:
    documents, system = one("ComputerSystem", SYSTEM, captured_body(X12, SYSTEM))
    boot = chosen(registry, BootOverride, **SMC, model="ARS-111GL-NHR")

    (request,) = boot.override(system, documents, Boot(target="Cd"))

    assert request.body is not None
    assert request.body["Boot"]["BootSourceOverrideTarget"] == "Cd"


def test_an_attribute_is_found_without_its_number(registry: Registry) -> None:
    body = {
        "@Redfish.Settings": {"SettingsObject": {"@odata.id": f"{SYSTEM}/Bios/SD"}},
        "Attributes": {"QuietBoot#00F7": "On", "Port_0001": "A", "Port_0002": "B", "Plain": "C"},
    }
    documents, bios = one("Bios", f"{SYSTEM}/Bios", body)
    wished = {"QuietBoot": "Off", "Port": "C", "Plain": "D", "Port_0002": "E"}

    (request,) = chosen(registry, BiosSettings, **SMC).change(bios, documents, wished)

    assert request.body == {
        "Attributes": {"QuietBoot#00F7": "Off", "Port": "C", "Plain": "D", "Port_0002": "E"}
    }


def test_what_waits_in_the_bios_is_overwritten_by_what_holds(registry: Registry) -> None:
    place = f"{SYSTEM}/Bios/SD"
    body = {
        "@Redfish.Settings": {"SettingsObject": {"@odata.id": place}},
        "Attributes": {"QuietBoot#00F7": "On"},
    }
    bios_settings = chosen(registry, BiosSettings, **SMC)
    idle, (bios, _) = kept(("Bios", f"{SYSTEM}/Bios", body), ("BiosSettings", place, {}))
    busy, _ = kept(("BiosSettings", place, {"Attributes": {"QuietBoot#00F7": "Off"}}))

    assert bios_settings.withdraw(bios, idle) == ()
    (request,) = bios_settings.withdraw(bios, busy)
    assert (request.path, request.body) == (place, {"Attributes": {"QuietBoot#00F7": "On"}})


def test_an_update_is_uploaded_and_then_started(registry: Registry) -> None:
    documents, service = one("UpdateService", SERVICE, captured_body(X13, SERVICE))
    firmware = chosen(registry, FirmwareUpdate, **NEWER)

    (upload,) = firmware.update(
        service, documents, Image(name="bmc.bin", component="bmc"), way=UpdateWay.MULTIPART
    )
    (start,) = firmware.start(service, documents)

    assert upload.parts[0].json == {
        "Targets": ["/redfish/v1/Managers/1"],
        "@Redfish.OperationApplyTime": "OnStartUpdateRequest",
        "Oem": {
            "Supermicro": {"BMC": {"PreserveCfg": True, "PreserveSdr": True, "PreserveSsl": True}}
        },
    }
    assert start.path == f"{SERVICE}/Actions/UpdateService.StartUpdate"


def test_where_nothing_starts_an_update_the_upload_does(registry: Registry) -> None:
    documents, service = one("UpdateService", SERVICE, captured_body(X12, SERVICE))
    firmware = chosen(registry, FirmwareUpdate, **NEWER)

    (upload,) = firmware.update(
        service, documents, Image(name="bios.bin", component="bios"), way=UpdateWay.MULTIPART
    )

    assert upload.parts[0].json is not None
    assert upload.parts[0].json["Targets"] == ["/redfish/v1/Systems/1/Bios"]
    assert "@Redfish.OperationApplyTime" not in upload.parts[0].json
    assert firmware.start(service, documents) == ()


def test_a_full_power_cycle_is_the_maker_s_own_action(registry: Registry) -> None:
    actions = {
        "#ComputerSystem.Reset": {
            "target": "/redfish/v1/R",
            "ResetType@Redfish.AllowableValues": ["On", "ForceOff"],
        },
        "Oem": {"#OemSystemExtensions.Reset": {"target": "/redfish/v1/O"}},
    }
    with_it, system = one("ComputerSystem", SYSTEM, {"Actions": actions})
    without, other = one("ComputerSystem", SYSTEM, {"Actions": {**actions, "Oem": {}}})
    power = chosen(registry, PowerControl, **SMC)

    cycle = power.reset(system, with_it, "FullPowerCycle")

    assert power.reset_types(system, with_it) == ("On", "ForceOff", "FullPowerCycle")
    assert (cycle.path, cycle.body) == ("/redfish/v1/O", {"ResetType": "ACCycle"})
    with pytest.raises(Unsupported):
        power.reset(other, without, "FullPowerCycle")


def test_media_are_told_the_image_alone(registry: Registry) -> None:
    ejected = {"Image": "http://h/old.iso", "ConnectedVia": "NotConnected", "MediaTypes": ["CD"]}
    documents, slot = one("VirtualMedia", "/redfish/v1/M/VirtualMedia1", ejected)
    media = chosen(registry, VirtualMedia, **NEWER)

    (request,) = media.insert(slot, documents, "http://h/new.iso")

    assert request.body == {"Image": "http://h/new.iso"}
    assert not media.is_inserted(slot)


def test_an_x10_s_cd_is_configured_and_mounted(registry: Registry) -> None:
    place = "/redfish/v1/Managers/1/VM1/CfgCD"
    actions = {
        f"#IsoConfig.{name}": {"target": f"{place}/Actions/IsoConfig.{name}"}
        for name in ("Mount", "UnMount")
    }
    collection = captured_body(X10, "/redfish/v1/Managers/1/VM1")
    assert collection["Oem"]["Supermicro"]["VirtualMediaConfig"]["@odata.id"] == place
    documents, _ = one("VirtualMedia", place, {"Actions": actions})
    media = chosen(registry, VirtualMedia, **SMC, manager_firmware="4.0")

    (slot,) = media.slots(documents, "CD")
    configure, mount = media.insert(slot, documents, "http://10.0.0.1:8080/boot.iso")
    (unmount,) = media.eject(slot, documents)

    assert configure.body is not None
    assert (configure.body["Host"], configure.body["Path"]) == (
        "http://10.0.0.1:8080",
        "/boot.iso",
    )
    assert mount.path == f"{place}/Actions/IsoConfig.Mount"
    assert unmount.path == f"{place}/Actions/IsoConfig.UnMount"
    assert media.slots(documents, "USBStick") == ()


@pytest.mark.asyncio
async def test_drives_of_one_id_are_two_drives(registry: Registry) -> None:
    tree = emulated(emulated_server(Personality.SUPERMICRO))
    drives = [body for body in tree.values() if "#Drive." in str(body.get("@odata.type"))]
    for drive in drives:
        drive["Id"] = "0"

    (server,) = (await read(TreeReader(tree), registry)).descriptions

    assert len(drives) > 1
    found = {part.key for part in server.components if part.kind is ComponentKind.DRIVE}
    assert len(found) == len(drives)


@pytest.mark.asyncio
async def test_a_supply_without_capacity_is_a_supply(registry: Registry) -> None:
    tree = emulated(emulated_server(Personality.SUPERMICRO))
    plain = (await read(TreeReader(tree), registry)).descriptions[0]
    for body in tree.values():
        for holder in (body, *body.get("PowerSupplies", ())) if isinstance(body, dict) else ():
            if isinstance(holder, dict) and "PowerCapacityWatts" in holder:
                holder["PowerCapacityWatts"] = None

    (server,) = (await read(TreeReader(tree), registry)).descriptions

    def supplies(device: Any) -> set[str]:
        return {part.key for part in device.components if part.kind is ComponentKind.PSU}

    assert supplies(server) == supplies(plain) != set()


def test_the_task_that_is_new_is_followed(registry: Registry) -> None:
    _, (old, new) = kept(("Task", "/t/1", {}), ("Task", "/t/2", {}))
    tracking = chosen(registry, Tracking, **NEWER)

    assert tracking.place(200, {}, {"Accepted": {"code": "Base.1.4.Accepted"}}) is None
    assert tracking.begun((old,), (old, new)) == new


def test_a_gb300_says_nothing_of_secure_boot(registry: Registry) -> None:
    _, secure_boot = one(
        "SecureBoot", f"{SYSTEM}/SecureBoot", {"SecureBootCurrentBoot": "Disabled"}
    )
    facts = {"oem": {"Nvidia", "OpenBmc"}, "manager_model": "OpenBmc", "product": "GB NVL"}

    behaviour = chosen(registry, SecureBoot, **facts, manufacturer="Supermicro")

    assert behaviour.is_wanted(secure_boot) is None


@pytest.mark.asyncio
async def test_the_board_s_serial_is_not_the_machine_s(registry: Registry) -> None:
    tree = emulated(emulated_server(Personality.SUPERMICRO))
    serial = tree["/redfish/v1/Chassis/1"]["SerialNumber"]
    board = {"Oem": {"Supermicro": {"BoardSerialNumber": "OM000S000001"}}}
    tree["/redfish/v1/Chassis/1"].update(board)
    tree[SYSTEM].update(board, SerialNumber="")

    (server,) = (await read(TreeReader(tree), registry)).descriptions

    assert server.identity.serial == serial


@pytest.mark.asyncio
async def test_cards_that_only_the_chassis_links_are_found(registry: Registry) -> None:
    tree = emulated(emulated_server(Personality.SUPERMICRO, gpus=2))
    tree[SYSTEM].pop("PCIeDevices", None)
    for body in tree.values():
        if body.get("ProcessorType") == "GPU":
            body["Status"] = {"State": "Absent"}

    (server,) = (await read(TreeReader(tree), registry)).descriptions

    cards = [part.key for part in server.components if part.kind is ComponentKind.GPU]
    assert len(cards) == 2
    assert all(key.startswith("Chassis/1/PCIeDevices/") for key in cards)
