"""A Supermicro BMC as a workflow meets it: licences, modes of updating, lockdown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fleetd_emulators.hardware import Personality
from tests.support.servers import Answer, Bmc, bmc

LICENCES = "/redfish/v1/Managers/1/LicenseManager"
KEY = {"ProductKey": {"Node": {"LicenseName": "SFT-DCMS-SINGLE"}}}
BIOS = "/redfish/v1/Systems/1/Bios"
START = "/redfish/v1/UpdateService/Actions/UpdateService.StartUpdate"
QUIET = {"Attributes": {"QuietBoot_0011": False}}


async def upload(
    one: Bmc, target: str = BIOS, component: str = "BIOS", flags: Any = None, **more: Any
) -> Answer:
    parameters = {
        "Targets": [target],
        "@Redfish.OperationApplyTime": "OnStartUpdateRequest",
        "Oem": {"Supermicro": {component: {"PreserveME": True} if flags is None else flags}},
        **more,
    }
    body = (
        '--b\r\nContent-Disposition: form-data; name="UpdateParameters"\r\n\r\n'
        f"{json.dumps(parameters)}\r\n"
        '--b\r\nContent-Disposition: form-data; name="UpdateFile"; filename="X13_9.8.bin"\r\n\r\n'
        "image\r\n--b--\r\n"
    ).encode()
    headers = {"content-type": "multipart/form-data; boundary=b"}
    return await one.ask("POST", "/redfish/v1/UpdateService/upload", body, headers)


@pytest.mark.asyncio
async def test_configuration_needs_the_licence_and_an_oem_action_installs_it() -> None:
    one = bmc(Personality.SUPERMICRO, licensed=False)

    refused = await one.ask("PATCH", f"{BIOS}/SD", QUIET)
    power = await one.reset("On")
    wrong = await one.ask(
        "POST", f"{LICENCES}/Actions/Oem/LicenseManager.ActivateLicense", {"ProductKey": {}}
    )
    right = await one.ask("POST", f"{LICENCES}/Actions/Oem/LicenseManager.ActivateLicense", KEY)

    assert (refused.status, refused.message_id) == (403, "OemLicenseNotPassed")
    assert (power.status, wrong.status, right.status) == (204, 400, 204)
    assert len((await one.get(f"{LICENCES}/QueryLicense"))["Licenses"]) == 1
    assert (await one.ask("PATCH", f"{BIOS}/SD", QUIET)).status == 204


@pytest.mark.asyncio
async def test_an_upload_is_only_verified_until_the_update_is_started() -> None:
    """Quirks SMC-018 and SMC-021."""
    one = bmc(Personality.SUPERMICRO)
    early = await one.ask("POST", START, {})

    accepted = await upload(one)
    verifying = (await one.get(accepted.body["@odata.id"]))["Name"]
    one.clock.now += 2
    verified = (await one.get(accepted.body["@odata.id"]))["TaskState"]
    unchanged = (await one.system())["BiosVersion"]
    started = await one.ask("POST", START, {})
    one.clock.now += 4

    assert (early.status, accepted.status, started.status) == (400, 202, 202)
    assert (verifying, verified, unchanged) == ("BIOS Verify", "Completed", "2.1")
    assert (await one.get(started.body["@odata.id"]))["Name"] == "BIOS Update"
    assert (await one.system())["BiosVersion"] == "9.8"


@pytest.mark.asyncio
async def test_a_bmc_in_update_mode_takes_no_second_image_until_it_is_left() -> None:
    """Quirk SMC-022."""
    one = bmc(Personality.SUPERMICRO)
    await upload(one)
    one.clock.now += 2

    second = await upload(one)
    cancel = "/redfish/v1/UpdateService/Actions/Oem/SmcUpdateService.CancelUpdate"
    await one.ask("POST", cancel, {})

    assert (second.status, second.message_id) == (400, "OemFirmwareAlreadyInUpdateMode")
    assert (await upload(one)).status == 202


@pytest.mark.parametrize(
    "change",
    [
        {"target": "/redfish/v1/Systems/1"},
        {"flags": {"PreserveCfg": True}},
        {"component": "BMC"},
        {"@Redfish.OperationApplyTime": "Immediate"},
    ],
)
@pytest.mark.asyncio
async def test_an_upload_with_wrong_targets_flags_or_time_is_refused(change: Any) -> None:
    """Quirks SMC-019 and SMC-020."""
    assert (await upload(bmc(Personality.SUPERMICRO), **change)).status == 400


@pytest.mark.asyncio
async def test_tasks_are_gone_and_the_bmc_is_new_after_its_own_update() -> None:
    one = bmc(Personality.SUPERMICRO)
    await upload(one, "/redfish/v1/Managers/1", "BMC", {"PreserveCfg": True})
    one.clock.now += 2
    started = await one.ask("POST", START, {})
    one.clock.now += 4
    away = await one.ask("GET", "/redfish/v1/Managers/1")
    one.clock.now += 3

    assert away.status == 503
    assert (await one.ask("GET", started.body["@odata.id"])).status == 404
    assert "9.8" in (await one.get("/redfish/v1/Managers/1"))["FirmwareVersion"]


@pytest.mark.asyncio
async def test_pending_settings_have_no_attributes_while_there_are_none() -> None:
    """Quirk SMC-013."""
    one = bmc(Personality.SUPERMICRO)
    before = await one.get(f"{BIOS}/SD")
    await one.ask("PATCH", f"{BIOS}/SD", QUIET)

    assert "Attributes" not in before
    assert (await one.get(f"{BIOS}/SD"))["Attributes"] == QUIET["Attributes"]


@pytest.mark.asyncio
async def test_a_mode_that_is_left_out_is_not_kept() -> None:
    """Quirk SMC-005."""
    one = bmc(Personality.SUPERMICRO)
    full = {
        "BootSourceOverrideTarget": "Pxe",
        "BootSourceOverrideEnabled": "Once",
        "BootSourceOverrideMode": "Legacy",
    }
    await one.ask("PATCH", "/redfish/v1/Systems/1", {"Boot": full})
    kept = (await one.system())["Boot"]["BootSourceOverrideMode"]
    short = {name: value for name, value in full.items() if name != "BootSourceOverrideMode"}
    await one.ask("PATCH", "/redfish/v1/Systems/1", {"Boot": short})

    assert kept == "Legacy"
    assert (await one.system())["Boot"]["BootSourceOverrideMode"] == "UEFI"


@pytest.mark.asyncio
async def test_the_boot_order_is_a_resource_of_its_own() -> None:
    """Quirk SMC-010."""
    one = bmc(Personality.SUPERMICRO)
    place = "/redfish/v1/Systems/1/Oem/Supermicro/FixedBootOrder"
    order = (await one.get(place))["FixedBootOrder"]
    standard = (await one.system())["Boot"]["BootOrder"]

    refused = await one.ask("PATCH", "/redfish/v1/Systems/1", {"Boot": {"BootOrder": standard}})
    done = await one.ask("PATCH", place, {"FixedBootOrder": order[::-1]})

    assert (refused.status, done.status) == (400, 204)
    assert (await one.get(place))["FixedBootOrder"] == order[::-1]


@pytest.mark.asyncio
async def test_lockdown_blocks_changes_until_it_is_lifted() -> None:
    """Quirk SMC-032."""
    one = bmc(Personality.SUPERMICRO)
    lock = "/redfish/v1/Managers/1/Oem/Supermicro/SysLockdown"

    await one.ask("PATCH", lock, {"SysLockdownEnabled": True})
    refused = await one.ask("PATCH", f"{BIOS}/SD", QUIET)
    await one.ask("PATCH", lock, {"SysLockdownEnabled": False})

    assert refused.status == 403
    assert (await one.ask("PATCH", f"{BIOS}/SD", QUIET)).status == 204


@pytest.mark.asyncio
async def test_an_ac_cycle_restarts_host_and_bmc() -> None:
    """Quirk SMC-030."""
    one = bmc(Personality.SUPERMICRO)
    await one.boot()
    target = "/redfish/v1/Systems/1/Actions/Oem/OemSystemExtensions.Reset"

    done = await one.ask("POST", target, {"ResetType": "ACCycle"})
    away = one.backend.available
    one.clock.now += 5

    assert (done.status, away) == (204, False)
    assert (await one.system())["PowerState"] == "On"
