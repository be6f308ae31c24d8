"""Firmware on emulated servers: tasks that progress, versions that change when real ones would."""

from __future__ import annotations

import pytest

from fleetd_emulators.hardware import Personality
from fleetd_emulators.servers.habits import habits_of
from tests.support.servers import ALL, bmc

everywhere = pytest.mark.parametrize("personality", ALL)
SELF_RESTARTING = [p for p in ALL if habits_of(p).restarts_for_own_update]


@everywhere
@pytest.mark.asyncio
async def test_new_bios_firmware_is_active_after_the_next_start(personality: Personality) -> None:
    one = bmc(personality)
    await one.boot()
    old = (await one.system())["BiosVersion"]

    accepted = await one.update("http://10.0.0.1/bios-9.8.7.bin")
    one.clock.now += 4
    written = (await one.system())["BiosVersion"]
    await one.boot()

    assert accepted.status == 202
    assert written == old
    assert "9.8.7" in (await one.system())["BiosVersion"]
    assert (await one.system())["BiosVersion"] in (await one.inventory()).values()


# On an iDRAC a task for the BIOS waits for a start of the host.
@pytest.mark.parametrize("personality", [p for p in ALL if p is not Personality.DELL])
@pytest.mark.asyncio
async def test_a_task_progresses_and_its_monitor_ends(personality: Personality) -> None:
    one = bmc(personality)

    accepted = await one.update("http://10.0.0.1/bios-9.8.7.bin")
    task, monitor = accepted.body["@odata.id"], accepted.headers["location"]
    one.clock.now += 1.5
    midway = await one.get(task)
    waiting = (await one.ask("GET", monitor)).status
    one.clock.now += 10
    ended = await one.get(task)

    assert midway["TaskState"] == "Running"
    assert 40 <= midway["PercentComplete"] <= 60
    assert waiting == 202
    assert (ended["TaskState"], ended["PercentComplete"]) == ("Completed", 100)
    assert (await one.ask("GET", monitor)).status == 200


@pytest.mark.parametrize("personality", SELF_RESTARTING)
@pytest.mark.asyncio
async def test_new_bmc_firmware_is_active_when_the_bmc_is_back(personality: Personality) -> None:
    one = bmc(personality)

    await one.update("http://10.0.0.1/bmc-9.8.7.bin")
    one.clock.now += 4
    away = await one.ask("GET", one.layout.manager_path)
    one.clock.now += 4

    assert away.status == 503
    assert int(away.headers["retry-after"]) >= 1
    assert "9.8.7" in (await one.get(one.layout.manager_path))["FirmwareVersion"]


@pytest.mark.asyncio
async def test_openbmc_waits_to_be_restarted_for_its_own_firmware() -> None:
    one = bmc(Personality.OPENBMC)

    await one.update("http://10.0.0.1/bmc-9.8.7.bin")
    one.clock.now += 10
    before = (await one.get(one.layout.manager_path))["FirmwareVersion"]
    reset = f"{one.layout.manager_path}/Actions/Manager.Reset"
    await one.ask("POST", reset, {"ResetType": "GracefulRestart"})
    one.clock.now += 4

    assert before == "2.15.0"
    assert (await one.get(one.layout.manager_path))["FirmwareVersion"] == "9.8.7"


@pytest.mark.asyncio
async def test_idrac_schedules_bios_firmware_as_a_job_for_the_next_start() -> None:
    one = bmc(Personality.DELL)
    await one.boot()

    accepted = await one.update("http://10.0.0.1/BIOS_C4FT0_WN64_2.5.4.EXE")
    one.clock.now += 60
    waiting = (await one.get(accepted.body["@odata.id"]))["TaskState"]
    await one.boot()

    assert accepted.body["Id"].startswith("JID_")
    assert waiting == "Starting"
    assert (await one.get(accepted.body["@odata.id"]))["TaskState"] == "Completed"
    assert (await one.system())["BiosVersion"] == "2.5.4"
    members = (await one.get("/redfish/v1/UpdateService/FirmwareInventory"))["Members"]
    assert any("Installed-159-2.5.4__BIOS" in member["@odata.id"] for member in members)


# iLO takes no targets: an image says what it is for (quirk HPE-033).
@pytest.mark.parametrize("personality", [p for p in ALL if p is not Personality.HPE])
@pytest.mark.asyncio
async def test_a_target_decides_over_the_name_of_the_image(personality: Personality) -> None:
    one = bmc(personality)
    members = (await one.get("/redfish/v1/UpdateService/FirmwareInventory"))["Members"]
    nic = members[2]["@odata.id"]
    before = (await one.get(nic))["Version"]

    accepted = await one.update("http://10.0.0.1/bios-77.1.0.bin", nic)
    await one.boot()
    one.clock.now += 10

    assert accepted.status == 202
    versions = await one.inventory()
    assert any("77.1.0" in version for version in versions.values())
    assert before not in versions.values()
    assert (await one.system())["BiosVersion"] == one.hardware.bios_version


@everywhere
@pytest.mark.asyncio
async def test_an_unknown_target_is_refused(personality: Personality) -> None:
    one = bmc(personality)

    answer = await one.update("http://10.0.0.1/x.bin", "/redfish/v1/Systems/nobody")

    assert answer.status == 400


@everywhere
@pytest.mark.asyncio
async def test_a_second_update_of_the_same_part_is_refused(personality: Personality) -> None:
    one = bmc(personality)
    await one.update("http://10.0.0.1/bios-9.8.7.bin")

    again = await one.update("http://10.0.0.1/bios-9.8.8.bin")

    assert again.status == one.backend.machine.habits.busy_status


MULTIPART = (
    b"--frontier\r\n"
    b'Content-Disposition: form-data; name="UpdateParameters"\r\n'
    b"Content-Type: application/json\r\n\r\n"
    b'{"Targets": ["%s"]}\r\n'
    b"--frontier\r\n"
    b'Content-Disposition: form-data; name="UpdateFile"; filename="fw-6.6.6.bin"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n"
    b"\x00\x01\x02\r\n"
    b"--frontier--\r\n"
)


# The others want more before they take one (quirks LEN-007, SMC-018, HPE-031).
@pytest.mark.parametrize(
    "personality", [Personality.DELL, Personality.OPENBMC, Personality.GENERIC]
)
@pytest.mark.asyncio
async def test_an_image_is_pushed_with_its_target(personality: Personality) -> None:
    one = bmc(personality)
    service = await one.get("/redfish/v1/UpdateService")
    body = MULTIPART % one.layout.system_path.encode()
    headers = {"content-type": "multipart/form-data; boundary=frontier"}

    accepted = await one.ask("POST", service["MultipartHttpPushUri"], body, headers)
    one.clock.now += 4
    await one.boot()

    assert accepted.status == 202
    assert "6.6.6" in (await one.system())["BiosVersion"]


@pytest.mark.asyncio
async def test_a_push_without_an_image_is_refused() -> None:
    one = bmc(Personality.GENERIC)
    headers = {"content-type": "multipart/form-data; boundary=frontier"}
    uri = (await one.get("/redfish/v1/UpdateService"))["MultipartHttpPushUri"]

    assert (await one.ask("POST", uri, b"--frontier--\r\n", headers)).status == 400
    assert (await one.ask("POST", uri, b"", headers)).status == 400


@everywhere
@pytest.mark.asyncio
async def test_a_restarting_bmc_is_away_and_comes_back_as_it_was(personality: Personality) -> None:
    one = bmc(personality)
    await one.boot()
    reset = f"{one.layout.manager_path}/Actions/Manager.Reset"

    answer = await one.ask("POST", reset, {"ResetType": one.layout.manager_reset_types[0]})
    away = one.backend.available
    one.clock.now += 4

    assert answer.status < 300
    assert not away
    assert one.backend.available
    assert (await one.system())["PowerState"] == "On"


@everywhere
@pytest.mark.asyncio
async def test_a_corrupt_image_fails_its_task_and_changes_nothing(
    personality: Personality,
) -> None:
    one = bmc(personality)
    before = await one.inventory()

    accepted = await one.update("http://10.0.0.1/bios-9.8.7-corrupt.bin")
    one.clock.now += 4
    task = await one.get(accepted.body["@odata.id"])
    await one.boot()

    assert (task["TaskState"], task["TaskStatus"]) == ("Exception", "Critical")
    assert await one.inventory() == before
    assert (await one.update("http://10.0.0.1/bios-9.8.7.bin")).status == 202
