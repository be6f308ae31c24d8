"""Overlays: whose board it is, and what each maker changed of the stack's ways."""

from __future__ import annotations

from typing import Any, Final

import pytest

from fleetd.domain.errors import Unsupported
from fleetd.driverkit.behaviours.boot_override import Boot, BootOverride
from fleetd.driverkit.behaviours.firmware import FirmwareUpdate, Image, UpdateWay
from fleetd.driverkit.behaviours.logs import Logs
from fleetd.driverkit.behaviours.virtual_media import VirtualMedia
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.payload import integer
from fleetd.driverkit.registry import Registry
from tests.support.kept import captured_body, chosen, kept, one
from tests.support.trees import TreeReader, captured, captures, read

GIGABYTE: Final = "gigabyte-ami-12.03-h262z63-smd"
SYSTEM: Final = "/redfish/v1/Systems/Self"
SERVICE: Final = "/redfish/v1/UpdateService"
AMI: Final[dict[str, Any]] = {"oem": {"Ami"}}
BMCWEB: Final[dict[str, Any]] = {"oem": {"OpenBmc"}, "manager_model": "OpenBmc"}


@pytest.mark.parametrize("stack", [AMI, BMCWEB, {}], ids=["ami", "openbmc", "generic"])
@pytest.mark.parametrize(
    ("manufacturer", "vendor"),
    [
        ("Quanta Computer Inc.", "Quanta"),
        ("QCT", "Quanta"),
        ("WIWYNN", "Wiwynn"),
        ("Ampere(R)", "Ampere"),
        ("TYAN Computer Corporation", "MiTAC"),
        ("ZT Systems", "ZT Systems"),
        ("GIGA-BYTE TECHNOLOGY CO., LTD", "Gigabyte"),
        ("Giga Computing", "Gigabyte"),
        ("ASRockRack", "ASRock Rack"),
        ("Nokia Solutions and Networks", "Nokia"),
        ("IBM", "IBM"),
        ("Advantech", "Advantech"),
        ("Atos", "Eviden"),
        ("Kontron", "Kontron"),
    ],
)
def test_a_maker_has_one_name_under_any_stack(
    stack: dict[str, Any], manufacturer: str, vendor: str, registry: Registry
) -> None:
    oem = frozenset(stack.get("oem", ()))

    choice = registry.choose(Facts(**{**stack, "oem": oem, "manufacturer": manufacturer}))

    assert choice.vendor == vendor


def test_ibm_s_openbmc_has_no_boot_override(registry: Registry) -> None:
    facts = Facts(manager_model="OpenBmc", oem=frozenset({"OpenBmc"}), manufacturer="IBM")

    assert registry.choose(facts).behaviour(BootOverride) is None


def test_gigabyte_s_pull_names_its_component(registry: Registry) -> None:
    action = {"#UpdateService.SimpleUpdate": {"target": "/redfish/v1/UpdateService/Actions/S"}}
    documents, service = one("UpdateService", SERVICE, {"Actions": action})
    firmware = chosen(registry, FirmwareUpdate, **AMI, manufacturer="GIGABYTE")
    image = Image(name="bmc.bin", uri="http://10.0.0.1/bmc.bin", component="bmc")

    (request,) = firmware.update(service, documents, image, way=UpdateWay.PULL)

    assert request.body == {"ImageURI": image.uri, "UpdateComponent": "BMC"}
    with pytest.raises(Unsupported, match="what the image is for"):
        firmware.update(
            service, documents, Image(name="x", uri="http://10.0.0.1/x"), way=UpdateWay.PULL
        )


@pytest.mark.asyncio
async def test_no_mac_is_guessed_from_the_bmc_s(registry: Registry) -> None:
    if GIGABYTE not in captures():
        pytest.skip("this tree isn't here")
    tree = {
        path: body
        for path, body in captured(GIGABYTE).items()
        if "/Systems/Self/EthernetInterfaces" not in path and "/NetworkAdapters" not in path
    }

    reading = await read(TreeReader(tree), registry)

    assert reading.descriptions
    assert reading.descriptions[0].identity.macs == ()


def test_nokia_is_told_the_protocol_and_boots_by_settings(registry: Registry) -> None:
    settings = {"@Redfish.Settings": {"SettingsObject": {"@odata.id": f"{SYSTEM}/SD"}}}
    documents, (system, slot) = kept(
        ("ComputerSystem", SYSTEM, settings),
        ("VirtualMedia", "/redfish/v1/M/CD1", {"MediaTypes": ["CD"]}),
    )
    facts: dict[str, Any] = {"manufacturer": "Nokia"}

    (override,) = chosen(registry, BootOverride, **facts).override(
        system, documents, Boot(target="Cd")
    )
    (insert,) = chosen(registry, VirtualMedia, **facts).insert(slot, documents, "http://h/i.iso")

    assert override.path == f"{SYSTEM}/SD"
    assert insert.body is not None
    assert insert.body["TransferProtocolType"] == "HTTP"


def test_a_log_is_found_by_its_link(registry: Registry) -> None:
    documents, (log,) = kept(("LogService", "/redfish/v1/Systems/0/LogServices/Log", {}))

    assert chosen(registry, Logs, manufacturer="Advantech").services(documents) == (log,)


def test_a_number_that_is_a_text_is_a_number() -> None:
    assert integer({"CapacityMiB": "32768"}, "CapacityMiB") == 32768


def test_an_image_is_pushed_to_wherever_it_is_said(registry: Registry) -> None:
    documents, service = one("UpdateService", SERVICE, {"HttpPushUri": SERVICE})
    firmware = chosen(registry, FirmwareUpdate, manufacturer="Kontron")

    (way,) = firmware.ways(service, documents)
    (request,) = firmware.update(service, documents, Image(name="x"), way=way)

    assert (way, request.path, request.sends_image) == (UpdateWay.HTTP_PUSH, SERVICE, True)


def test_a_gigabyte_board_that_another_names_itself_is_told_by_its_oem_key(
    registry: Registry,
) -> None:
    chassis = captured_body(GIGABYTE, "/redfish/v1/Chassis/Self")

    choice = registry.choose(
        Facts(
            product="AMI Redfish Server",
            oem=frozenset({"Ami", *chassis["Oem"]}),
            manufacturer="Cray Inc.",
        )
    )

    assert (choice.name, choice.vendor) == ("ami.megarac", "Gigabyte")
