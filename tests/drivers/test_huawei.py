"""iBMC of Huawei and xFusion."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from fleetd.domain.errors import Unsupported
from fleetd.driverkit.behaviours.boot_override import BootOverride
from fleetd.driverkit.behaviours.firmware import FirmwareUpdate, Image, UpdateWay
from fleetd.driverkit.behaviours.readiness import Readiness
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.registry import Registry
from fleetd.redfish.traits import EtagPolicy
from tests.support.kept import captured_body, chosen, kept, one
from tests.support.trees import TreeReader, captured, read

TREE: Final = "huawei-ibmc-3.12-2288hv5-ibmcclient"
SYSTEM: Final = "/redfish/v1/Systems/1"
BIOS: Final = f"{SYSTEM}/Bios"
IBMC: Final[dict[str, Any]] = {"oem": {"Huawei"}, "manager_model": "iBMC"}
KINDS: Final = ("HardDiskDrive", "PXE", "DVDROMDrive", "Others")


@pytest.mark.parametrize(
    ("said", "driver", "vendor"),
    [
        ({"oem": {"Huawei"}}, "huawei.ibmc", "Huawei"),
        (IBMC, "huawei.ibmc", "Huawei"),
        ({**IBMC, "manufacturer": "kunlun"}, "huawei.ibmc", "Huawei"),
        ({"vendor": "XFUSION", "oem": {"xFusion"}}, "xfusion.ibmc", "xFusion"),
        ({**IBMC, "manufacturer": "xFusion"}, "xfusion.ibmc", "xFusion"),
        ({**IBMC, "oem": {"Huawei", "xFusion"}}, "xfusion.ibmc", "xFusion"),
    ],
)
def test_ibmc_is_known_under_all_its_names(
    said: dict[str, Any], driver: str, vendor: str, registry: Registry
) -> None:
    choice = registry.choose(Facts(**{**said, "oem": frozenset(said["oem"])}))

    assert (choice.name, choice.vendor) == (driver, vendor)


def test_every_change_states_the_version_that_was_read(registry: Registry) -> None:
    assert registry.choose(Facts(oem=frozenset({"Huawei"}))).traits.etag is EtagPolicy.READ


def test_the_boot_order_is_four_attributes(registry: Registry) -> None:
    current = {f"BootTypeOrder{number}": kind for number, kind in enumerate(KINDS)}
    settings = {"@Redfish.Settings": {"SettingsObject": {"@odata.id": f"{BIOS}/Settings"}}}
    documents, (system, _) = kept(
        ("ComputerSystem", SYSTEM, {"Bios": {"@odata.id": BIOS}}),
        ("Bios", BIOS, {**settings, "Attributes": current}),
    )
    boot = chosen(registry, BootOverride, **IBMC)
    wished = ("PXE", "HardDiskDrive", "Others", "DVDROMDrive")

    (request,) = boot.order(system, documents, wished)

    assert request.path == f"{BIOS}/Settings"
    assert request.body == {
        "Attributes": {f"BootTypeOrder{number}": kind for number, kind in enumerate(wished)}
    }
    with pytest.raises(Unsupported, match="HardDiskDrive, PXE"):
        boot.order(system, documents, ("PXE",))


def test_work_waits_for_storage_on_a_running_host(registry: Registry) -> None:
    body = captured_body(TREE, SYSTEM)
    documents, running = one("ComputerSystem", SYSTEM, body)
    _, off = one("ComputerSystem", SYSTEM, {**body, "PowerState": "Off"})
    _, ready = one("ComputerSystem", SYSTEM, {**body, "Oem": {"Huawei": {"StorageConfigReady": 1}}})
    readiness = chosen(registry, Readiness, **IBMC)

    assert readiness.waits_for(running, documents) == "storage"
    assert readiness.waits_for(off, documents) is None
    assert readiness.waits_for(ready, documents) is None


@pytest.mark.parametrize(("firmware", "expands"), [("3.12", False), ("5.62", True), ("6.1", True)])
def test_members_are_expanded_by_newer_firmware_only(
    firmware: str, registry: Registry, *, expands: bool
) -> None:
    facts = Facts(oem=frozenset({"Huawei"}), manager_model="iBMC", manager_firmware=firmware)

    assert registry.choose(facts).traits.expand is expands


@pytest.mark.asyncio
async def test_a_machine_without_managed_by_has_its_manager(registry: Registry) -> None:
    system = captured_body(TREE, SYSTEM)
    assert "ManagedBy" not in system["Links"]
    collection = {"Members": [{"@odata.id": SYSTEM}]}
    tree = {**captured(TREE), "/redfish/v1/Systems": json.dumps(collection).encode()}

    reading = await read(TreeReader(tree), registry)

    (server,) = reading.descriptions
    assert (reading.driver, reading.vendor) == ("huawei.ibmc", "Huawei")
    assert (server.identity.serial, server.bmc_version) == ("2102311TYBN0J3000293", "3.12")


def test_an_image_is_uploaded_and_then_installed(registry: Registry) -> None:
    place = "/redfish/v1/UpdateService"
    body = {
        "HttpPushUri": f"{place}/FirmwareInventory",
        "Actions": {"#UpdateService.SimpleUpdate": {"target": f"{place}/Actions/S"}},
    }
    documents, service = one("UpdateService", place, body)
    firmware = chosen(registry, FirmwareUpdate, **IBMC)

    upload, install = firmware.update(
        service, documents, Image(name="bios.hpm"), way=UpdateWay.HTTP_PUSH
    )

    assert [(part.name, part.filename) for part in upload.parts] == [("imgfile", "bios.hpm")]
    assert install.body == {"ImageURI": "/tmp/web/bios.hpm"}
