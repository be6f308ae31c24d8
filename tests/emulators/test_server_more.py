"""MegaRAC, NVIDIA's trays, iRMC and iBMC as a workflow meets them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fleetd_emulators.hardware import Personality
from tests.support.emulators import client_of, rack_of
from tests.support.servers import Answer, Bmc, bmc

UPDATE = "/redfish/v1/UpdateService"
FUTURE = "/redfish/v1/Systems/Self/SD"
ONCE = {
    "BootSourceOverrideTarget": "Pxe",
    "BootSourceOverrideEnabled": "Once",
    "BootSourceOverrideMode": "UEFI",
}


def form(file_name: str, **parts: Any) -> tuple[bytes, dict[str, str]]:
    head = '--b\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n{}\r\n'
    image = parts.pop("image_part", "UpdateFile")
    body = "".join(head.format(name, "", json.dumps(value)) for name, value in parts.items())
    body += head.format(image, f'; filename="{file_name}"', "image")
    return f"{body}--b--\r\n".encode(), {"content-type": "multipart/form-data; boundary=b"}


async def ami_upload(one: Bmc, **oem: str) -> Answer:
    body, headers = form("fw-9.8.7.bin", UpdateParameters={"Targets": []}, OemParameters=oem)
    return await one.ask("POST", f"{UPDATE}/upload", body, headers)


@pytest.mark.parametrize(
    ("personality", "system", "status"),
    [("ami", "Self", 428), ("fujitsu", "0", 412), ("huawei", "1", 412)],
)
@pytest.mark.asyncio
async def test_a_change_names_the_etag_of_what_it_changes(
    personality: str, system: str, status: int
) -> None:
    """Quirks AMI-002, FTS-020 and HWX-001."""
    path = f"/redfish/v1/Systems/{system}"
    async with (
        rack_of(servers=[{"personality": personality}]) as rack,
        client_of(rack.bmcs[0]) as client,
    ):
        body = {"AssetTag": "rack 7"}

        without = await client.ask("PATCH", path, json=body, headers=client.basic)
        tag = (await client.get(path)).headers["ETag"]
        given = {**client.basic, "If-Match": tag}

        assert without.status == status
        assert (await client.ask("PATCH", path, json=body, headers=given)).status == 204


@pytest.mark.asyncio
async def test_megarac_changes_boot_in_the_future_state_and_in_full() -> None:
    """Quirks AMI-003 and AMI-005."""
    one = bmc(Personality.AMI)
    half = {name: value for name, value in ONCE.items() if not name.endswith("Mode")}

    here = await one.ask("PATCH", "/redfish/v1/Systems/Self", {"Boot": ONCE})
    incomplete = await one.ask("PATCH", FUTURE, {"Boot": half})
    there = await one.ask("PATCH", FUTURE, {"Boot": ONCE})
    shown = (await one.get(FUTURE))["Boot"]
    await one.boot()

    assert (here.status, here.message_id) == (400, "OperationSupportedInFutureStateURI")
    assert FUTURE in here.body["error"]["message"]
    assert (incomplete.status, there.status) == (400, 204)
    assert ONCE.items() <= shown.items()
    assert one.backend.machine.booted_from == "Pxe"


@pytest.mark.asyncio
async def test_megarac_wants_to_know_the_type_of_an_image() -> None:
    """Quirks AMI-008 and AMI-010: and the tasks are gone after the BMC's own."""
    one = bmc(Personality.AMI)

    silent = await ami_upload(one)
    accepted = await ami_upload(one, ImageType="BMC")
    one.clock.now += 1
    progress = (await one.get(UPDATE))["Oem"]["AMIUpdateService"]["FlashPercentage"]
    one.clock.now += 3
    away = await one.ask("GET", "/redfish/v1")
    one.clock.now += 4

    assert (silent.status, accepted.status, away.status) == (400, 202, 503)
    assert 20 <= progress <= 50
    assert (await one.ask("GET", accepted.body["@odata.id"])).status == 404
    assert "9.8.7" in (await one.get("/redfish/v1/Managers/Self"))["FirmwareVersion"]


@pytest.mark.parametrize("preserves", [True, False])
@pytest.mark.asyncio
async def test_megarac_forgets_its_settings_unless_told_to_preserve_them(
    *, preserves: bool
) -> None:
    """Quirk AMI-009."""
    one = bmc(Personality.AMI)
    network = "/redfish/v1/Managers/Self/NetworkProtocol"
    await one.ask("PATCH", network, {"NTP": {"ProtocolEnabled": True}})
    keep = {"AMIUpdateService": {"PreserveConfiguration": {"Network": preserves}}}
    await one.ask("PATCH", UPDATE, {"Oem": keep})

    await ami_upload(one, ImageType="BMC")
    await one.get("/redfish/v1")
    one.clock.now += 4
    await one.ask("GET", "/redfish/v1")
    one.clock.now += 4

    assert (await one.get(network))["NTP"]["ProtocolEnabled"] is preserves


@pytest.mark.asyncio
async def test_megarac_names_no_settings_object_and_no_reset_types() -> None:
    """Quirks AMI-006, AMI-011 and AMI-012."""
    one = bmc(Personality.AMI)
    bios = await one.get("/redfish/v1/Systems/Self/Bios")
    reset = (await one.system())["Actions"]["#ComputerSystem.Reset"]
    info = await one.get(reset["@Redfish.ActionInfo"])

    assert "SettingsObject" not in bios["@Redfish.Settings"]
    assert "ResetType@Redfish.AllowableValues" not in reset
    assert "GracefulRestart" not in info["Parameters"][0]["AllowableValues"]
    assert (await one.get("/redfish/v1/Systems/Self/Bios/SD"))["Attributes"] == {}


@pytest.mark.asyncio
async def test_a_tray_activates_images_by_a_cycle_of_its_standby_power() -> None:
    """Quirks NVD-017 and NVD-023."""
    one = bmc(Personality.NVIDIA)
    await one.boot()
    await one.update("http://10.0.0.1/bios-9.8.7.bin")
    await one.update("http://10.0.0.1/bmc-9.8.7.bin")
    one.clock.now += 10
    before = await one.inventory()
    target = "/redfish/v1/Chassis/BMC_0/Actions/Oem/NvidiaChassis.AuxPowerReset"

    done = await one.ask("POST", target, {"ResetType": "AuxPowerCycle"})
    away = one.backend.available
    one.clock.now += 4
    after = await one.inventory()

    assert (done.status, away) == (204, False)
    assert not any("9.8.7" in version for version in before.values())
    assert sum("9.8.7" in version for version in after.values()) == 2
    assert (await one.system())["PowerState"] == "Off"


@pytest.mark.asyncio
async def test_a_tray_has_its_baseboard_and_roots_of_trust_and_bounds_its_lock_out() -> None:
    """Quirk NVD-019, over the network."""
    async with (
        rack_of(servers=[{"personality": "nvidia", "gpus": 4}]) as rack,
        client_of(rack.bmcs[0]) as client,
    ):
        systems = (await client.get("/redfish/v1/Systems")).json
        inventory = (await client.get(f"{UPDATE}/FirmwareInventory")).body
        short = await client.ask(
            "PATCH",
            "/redfish/v1/AccountService",
            json={"AccountLockoutDuration": 60},
            headers=client.basic,
        )
        never = await client.ask(
            "PATCH",
            "/redfish/v1/AccountService",
            json={"AccountLockoutThreshold": 0},
            headers=client.basic,
        )

        assert systems["Members@odata.count"] == 2
        assert b"HGX_FW_GPU_3" in inventory
        assert (short.status, never.status) == (400, 400)


@pytest.mark.asyncio
async def test_irmc_wants_a_target_of_none_alone() -> None:
    """Quirk FTS-019: it answers 500."""
    one = bmc(Personality.FUJITSU)
    none = {"BootSourceOverrideTarget": "None"}

    full = await one.ask(
        "PATCH", one.layout.system_path, {"Boot": {**none, "BootSourceOverrideEnabled": "Disabled"}}
    )
    alone = await one.ask("PATCH", one.layout.system_path, {"Boot": none})

    assert (full.status, alone.status) == (500, 204)


@pytest.mark.asyncio
async def test_irmc_sets_boot_media_and_power_in_places_of_its_own() -> None:
    """Quirks FTS-009, FTS-010, FTS-011 and FTS-021."""
    one = bmc(Personality.FUJITSU)
    place, actions = "/redfish/v1/Systems/0/Oem/ts_fujitsu", "/redfish/v1/Systems/0/Actions/Oem"
    image = {"Server": "10.0.0.1", "ShareName": "isos", "ImageName": "a.iso"}

    empty = await one.ask(
        "POST",
        f"{actions}/FTSComputerSystem.VirtualMedia",
        {"FTSVirtualMediaAction": "ConnectCD"},
    )
    await one.ask("PATCH", f"{place}/VirtualMedia", {"CDImage": image})
    mounted = await one.ask(
        "POST",
        f"{actions}/FTSComputerSystem.VirtualMedia",
        {"FTSVirtualMediaAction": "ConnectCD"},
    )
    await one.ask("PATCH", f"{place}/BootConfig", {"BootDevice": "Cd"})
    pressed = await one.ask(
        "POST", f"{actions}/FTSComputerSystem.Reset", {"FTSResetType": "PowerButton"}
    )
    one.clock.now += 5

    assert (empty.status, mounted.status, pressed.status) == (400, 204, 204)
    assert (await one.get(f"{place}/VirtualMedia"))["CDImage"]["IsMounted"] is True
    drive = await one.get(f"{one.layout.media_path}/0")
    assert drive["Image"] == "http://10.0.0.1/isos/a.iso"
    assert one.backend.machine.booted_from == "Cd"


@pytest.mark.asyncio
async def test_ibmc_orders_boot_by_four_attributes_together() -> None:
    """Quirk HWX-002."""
    one = bmc(Personality.HUAWEI)
    devices = ["PXE", "HardDiskDrive", "DVDROMDrive", "Others"]
    order = {f"BootTypeOrder{place}": device for place, device in enumerate(devices)}
    settings = one.layout.bios_settings_path

    one_of_them = await one.ask("PATCH", settings, {"Attributes": {"BootTypeOrder0": "PXE"}})
    twice = await one.ask("PATCH", settings, {"Attributes": {**order, "BootTypeOrder3": "PXE"}})
    together = await one.ask("PATCH", settings, {"Attributes": order})

    assert (one_of_them.status, twice.status, together.status) == (400, 400, 204)


@pytest.mark.asyncio
async def test_ibmc_installs_what_was_uploaded_before() -> None:
    one = bmc(Personality.HUAWEI)
    body, headers = form("bios-9.8.7.hpm", image_part="imgfile")

    unknown = await one.update("/tmp/web/bios-9.8.7.hpm")
    uploaded = await one.ask("POST", f"{UPDATE}/FirmwareInventory", body, headers)
    accepted = await one.update("/tmp/web/bios-9.8.7.hpm")
    one.clock.now += 4

    assert (unknown.status, uploaded.status, accepted.status) == (400, 204, 202)
    assert "9.8" in (await one.system())["BiosVersion"]


@pytest.mark.asyncio
async def test_ibmc_sees_its_disks_only_when_the_host_has_started() -> None:
    """Quirk HWX-007."""
    one = bmc(Personality.HUAWEI)
    path = f"{one.layout.system_path}/Storage"
    await one.reset("On")
    one.clock.now += 1.5
    early = (await one.get(path))["Members@odata.count"]
    one.clock.now += 3

    assert early == 0
    assert (await one.get(path))["Members@odata.count"] == 1
