"""AMI MegaRAC under many makers' names: how it's told from the board, and how it's operated."""

from __future__ import annotations

from typing import Any, Final

import pytest

from fleetd.domain.device import Health
from fleetd.domain.errors import Unsupported
from fleetd.driverkit.behaviours.bios import BiosSettings
from fleetd.driverkit.behaviours.boot_override import Boot, BootOverride, Lasting
from fleetd.driverkit.behaviours.firmware import FirmwareUpdate, Image, UpdateWay
from fleetd.driverkit.behaviours.logs import Logs
from fleetd.driverkit.behaviours.power_control import PowerControl
from fleetd.driverkit.behaviours.virtual_media import VirtualMedia
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.payload import health
from fleetd.driverkit.registry import Registry
from fleetd.redfish.traits import EtagPolicy
from tests.support.kept import captured_body, chosen, kept, one

AMI: Final[dict[str, Any]] = {"oem": {"Ami"}, "manufacturer": "Contoso"}
DGX = "nvidia-dgxh100-ami-23.11.20-libredfish"
GIGABYTE = "gigabyte-ami-12.03-h262z63-smd"
QUANTA = "quanta-ami-s74g-gofish"
SELF = "/redfish/v1/Systems/Self"


@pytest.mark.parametrize(
    ("facts", "vendor"),
    [
        ({"vendor": "AMI", "product": "AMI Redfish Server", "manufacturer": "NVIDIA"}, "NVIDIA"),
        ({"oem": {"Ami"}, "vendor": "Lenovo", "manufacturer": "Lenovo"}, "Lenovo"),
        ({"oem": {"Ami"}, "vendor": "ASRockRack", "manufacturer": "ASRockRack"}, "ASRock Rack"),
        ({"oem": {"Ami"}, "manufacturer": "GIGABYTE"}, "Gigabyte"),
        ({"oem": {"Ami"}, "manufacturer": "Quanta Cloud Technology Inc."}, "Quanta"),
        ({"oem": {"Ami"}, "manufacturer": "Supermicro"}, "Supermicro"),
        ({"product": "AMI Redfish Server", "oem": {"Ami"}, "manufacturer": None}, "unknown"),
    ],
)
def test_the_stack_is_told_from_the_board(
    facts: dict[str, Any], vendor: str, registry: Registry
) -> None:
    known = Facts(**{**facts, "oem": frozenset(facts.get("oem", ()))})

    choice = registry.choose(known)

    assert (choice.name, choice.vendor) == ("ami.megarac", vendor)


def test_every_change_states_any_version(registry: Registry) -> None:
    assert registry.choose(Facts(oem=frozenset({"Ami"}))).traits.etag is EtagPolicy.STAR


def test_an_override_is_said_whole_and_the_order_elsewhere(registry: Registry) -> None:
    documents, system = one("ComputerSystem", SELF, captured_body(GIGABYTE, SELF))
    boot = chosen(registry, BootOverride, **AMI)

    (once,) = boot.override(system, documents, Boot(target="Pxe"))
    (off,) = boot.override(system, documents, Boot(target="None", lasting=Lasting.DISABLED))

    assert once.path == SELF
    assert once.body == {
        "Boot": {
            "BootSourceOverrideEnabled": "Once",
            "BootSourceOverrideTarget": "Pxe",
            "BootSourceOverrideMode": "Legacy",
        }
    }
    assert off.body == {
        "Boot": {
            "BootSourceOverrideEnabled": "Disabled",
            "BootSourceOverrideTarget": "None",
            "BootSourceOverrideMode": "Legacy",
        }
    }


def test_an_override_goes_to_the_settings_resource_that_has_it(registry: Registry) -> None:
    place = "/redfish/v1/Systems/DGX"
    documents, (system, _) = kept(
        ("ComputerSystem", place, captured_body(DGX, place)),
        ("SystemSettings", f"{place}/SD", captured_body(DGX, f"{place}/SD")),
    )

    (request,) = chosen(registry, BootOverride, **AMI).override(
        system, documents, Boot(target="UefiHttp", uri="http://10.0.0.1/boot.efi")
    )

    assert request.path == f"{place}/SD"
    assert request.body is not None
    assert request.body["Boot"]["BootSourceOverrideMode"] == "UEFI"


def test_the_boot_order_goes_to_the_settings_resource(registry: Registry) -> None:
    place = "/redfish/v1/Systems/DGX"
    documents, system = one("ComputerSystem", place, captured_body(DGX, place))

    (order,) = chosen(registry, BootOverride, **AMI).order(system, documents, ("Boot000A",))

    assert (order.path, order.body) == (f"{place}/SD", {"Boot": {"BootOrder": ["Boot000A"]}})


def test_bios_changes_wait_at_the_settings_resource(registry: Registry) -> None:
    choice = registry.choose(Facts(oem=frozenset({"Ami"})))
    unnamed = {
        "@odata.id": f"{SELF}/Bios",
        "@Redfish.Settings": {"ETag": "Dummyetag"},
        "Attributes": {"SETUP001": "On"},
    }
    documents, bios = one("Bios", f"{SELF}/Bios", choice.repair("Bios", unnamed))

    (request,) = chosen(registry, BiosSettings, **AMI).change(bios, documents, {"SETUP001": "Off"})

    assert (request.path, request.body) == (f"{SELF}/Bios/SD", {"Attributes": {"SETUP001": "Off"}})


def test_an_update_keeps_settings_and_says_its_image_s_type(registry: Registry) -> None:
    kept_first = {"SDR": False, "Network": False, "Note": "text"}
    body = {
        "MultipartHttpPushUri": "/redfish/v1/UpdateService/upload",
        "Oem": {"AMIUpdateService": {"PreserveConfiguration": kept_first}},
    }
    documents, service = one("UpdateService", "/redfish/v1/UpdateService", body)
    firmware = chosen(registry, FirmwareUpdate, **AMI)
    image = Image(name="bmc.ima", component="bmc")

    keep, upload = firmware.update(service, documents, image, way=UpdateWay.MULTIPART)

    preserved = {"SDR": True, "Network": True}
    assert keep.body == {"Oem": {"AMIUpdateService": {"PreserveConfiguration": preserved}}}
    assert [(part.name, part.json) for part in upload.parts] == [
        ("UpdateParameters", {"Targets": []}),
        ("OemParameters", {"ImageType": "BMC"}),
        ("UpdateFile", None),
    ]
    with pytest.raises(Unsupported, match="what the image is for"):
        firmware.update(service, documents, Image(name="x"), way=UpdateWay.MULTIPART)


def test_a_service_without_a_choice_of_settings_is_only_sent_the_image(
    registry: Registry,
) -> None:
    place = "/redfish/v1/UpdateService"
    documents, service = one("UpdateService", place, captured_body(QUANTA, place))
    image = Image(name="bios.bin", component="bios")

    requests = chosen(registry, FirmwareUpdate, **AMI).update(
        service, documents, image, way=UpdateWay.MULTIPART
    )

    assert [request.path for request in requests] == [f"{place}/upload"]


def test_remote_media_is_enabled_where_it_is_not(registry: Registry) -> None:
    place = "/redfish/v1/Managers/BMC"
    documents, _ = one("Manager", place, captured_body(DGX, place))

    (enable,) = chosen(registry, VirtualMedia, **AMI).prepare(documents)

    assert enable.path == f"{place}/Actions/Oem/AMIVirtualMedia.EnableRMedia"
    assert enable.body == {"RMediaState": "Enable"}


def test_remote_media_that_is_enabled_is_left_alone(registry: Registry) -> None:
    body = {"Oem": {"Ami": {"VirtualMedia": {"RMediaStatus": "Enabled"}}}}
    documents, _ = one("Manager", "/m", body)

    assert chosen(registry, VirtualMedia, **AMI).prepare(documents) == ()


def test_post_codes_are_no_log(registry: Registry) -> None:
    documents, (sel, _) = kept(
        ("LogService", "/l/SEL", {"Name": "SEL Log Service"}),
        ("LogService", "/l/BIOS", {"Name": "BIOS POST Code Log"}),
    )

    assert chosen(registry, Logs, **AMI).services(documents) == (sel,)


def test_reset_types_are_read_where_they_stand(registry: Registry) -> None:
    documents, (system, _) = kept(
        ("ComputerSystem", SELF, captured_body(GIGABYTE, SELF)),
        (
            "ActionInfo",
            f"{SELF}/ResetActionInfo",
            captured_body(GIGABYTE, f"{SELF}/ResetActionInfo"),
        ),
    )
    power = chosen(registry, PowerControl, **AMI)

    assert "ForceRestart" in power.reset_types(system, documents)
    with pytest.raises(Unsupported, match=r"only .*ForceRestart"):
        power.reset(system, documents, "Pause")


def test_a_supply_without_health_is_not_taken_for_sound() -> None:
    assert health({"Status": {"State": "Enabled"}}) is Health.UNKNOWN
