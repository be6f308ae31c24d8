"""iDRAC as a workflow meets it: a job for everything, and a controller that isn't always ready."""

from __future__ import annotations

from typing import Any

import pytest

from fleetd_emulators.hardware import Personality
from tests.support.servers import Answer, Bmc, bmc

ON_RESET = {"@Redfish.SettingsApplyTime": {"ApplyTime": "OnReset"}}
NUM_LOCK = {"Attributes": {"NumLock": "Off"}}
OEM = "/redfish/v1/Managers/iDRAC.Embedded.1/Oem/Dell"
ATTRIBUTES = f"{OEM}/DellAttributes/iDRAC.Embedded.1"
MANAGER_ACTIONS = "/redfish/v1/Managers/iDRAC.Embedded.1/Actions/Oem/EID_674_Manager"
SHARE = {"Target": "ALL"}


async def settings(one: Bmc, body: dict[str, Any]) -> Answer:
    return await one.ask("PATCH", one.layout.bios_settings_path, body)


async def job(one: Bmc, answer: Answer) -> Any:
    identity = answer.headers["location"].rpartition("/")[2]
    return await one.get(f"{one.layout.jobs}/{identity}")


async def bios(one: Bmc, name: str) -> Any:
    return (await one.get(one.layout.bios_path))["Attributes"][name]


async def lifecycle(one: Bmc) -> Any:
    target = f"{OEM}/DellLCService/Actions/DellLCService.GetRemoteServicesAPIStatus"
    return (await one.ask("POST", target, {})).body


@pytest.mark.asyncio
async def test_bios_values_without_an_apply_time_lie_until_a_job_is_made_for_them() -> None:
    """Quirks DEL-027 and DEL-030."""
    one = bmc(Personality.DELL)

    await settings(one, NUM_LOCK)
    await one.boot()
    unmoved = await bios(one, "NumLock")
    made = await one.ask(
        "POST", one.layout.jobs or "", {"TargetSettingsURI": one.layout.bios_settings_path}
    )
    await one.ask(
        "POST",
        f"{one.layout.system_path}/Actions/ComputerSystem.Reset",
        {"ResetType": "ForceRestart"},
    )
    one.clock.now += 5

    assert unmoved == "On"
    assert made.status == 200
    assert await bios(one, "NumLock") == "Off"
    assert (await job(one, made))["JobState"] == "Completed"


@pytest.mark.asyncio
async def test_an_apply_time_makes_the_job_and_no_other_write_is_taken_until_it_ran() -> None:
    """Quirks DEL-028 and DEL-029."""
    one = bmc(Personality.DELL)

    first = await settings(one, {**NUM_LOCK, **ON_RESET})
    second = await settings(one, {"Attributes": {"LogicalProc": "Disabled"}})
    again = await one.ask(
        "POST", one.layout.jobs or "", {"TargetSettingsURI": one.layout.bios_settings_path}
    )
    secure = await one.ask(
        "PATCH", f"{one.layout.system_path}/SecureBoot", {"SecureBootEnable": True}
    )
    await one.boot()
    later = await settings(one, {"Attributes": {"LogicalProc": "Disabled"}})

    assert first.status == 202
    for refused in (second, again, secure):
        assert (refused.status, refused.message_id) == (400, "SYS011")
    assert later.status == 200


@pytest.mark.asyncio
async def test_the_new_value_shows_before_the_job_has_ended() -> None:
    """Quirk DEL-031."""
    one = bmc(Personality.DELL)
    made = await settings(one, {**NUM_LOCK, **ON_RESET})

    await one.reset("On")
    one.clock.now += 1.5

    assert await bios(one, "NumLock") == "Off"
    assert (await job(one, made))["JobState"] != "Completed"
    one.clock.now += 1
    assert (await job(one, made))["JobState"] == "Completed"


@pytest.mark.parametrize("which", ["JID_CLEARALL", "its own"])
@pytest.mark.asyncio
async def test_a_cleared_queue_leaves_the_bios_as_it_was(which: str) -> None:
    """Quirk DEL-033."""
    one = bmc(Personality.DELL)
    made = await settings(one, {**NUM_LOCK, **ON_RESET})
    identity = (await job(one, made))["Id"]
    target = f"{OEM}/DellJobService/Actions/DellJobService.DeleteJobQueue"

    cleared = await one.ask("POST", target, {"JobID": which.replace("its own", identity)})
    await one.boot()

    assert cleared.status == 200
    assert (await one.get(one.layout.jobs or ""))["Members"] == []
    assert await bios(one, "NumLock") == "On"


@pytest.mark.asyncio
async def test_a_deleted_firmware_job_installs_nothing() -> None:
    one = bmc(Personality.DELL)
    made = await one.update("http://10.0.0.1/bios-9.8.7.bin")
    identity = made.body["Id"]

    gone = await one.ask("DELETE", f"{one.layout.jobs}/{identity}")
    await one.boot()

    assert gone.status == 204
    assert (await one.system())["BiosVersion"] == one.hardware.bios_version


@pytest.mark.asyncio
async def test_the_lifecycle_controller_is_not_ready_for_a_while_after_a_start() -> None:
    """Quirk DEL-051: Redfish answers long before jobs are taken."""
    one = bmc(Personality.DELL)
    off = await lifecycle(one)
    await one.reset("On")
    one.clock.now += 1.5
    posting = await lifecycle(one)
    refused = await settings(one, {**NUM_LOCK, **ON_RESET})
    update = await one.update("http://10.0.0.1/bios-9.8.7.bin")
    one.clock.now += 4
    ready = await lifecycle(one)

    assert (off["LCStatus"], off["ServerStatus"]) == ("Ready", "PoweredOff")
    assert (posting["Status"], posting["ServerStatus"]) == ("NotReady", "InPOST")
    assert (refused.status, refused.message_id) == (503, "LC060")
    assert update.status == 503
    assert (ready["LCStatus"], ready["ServerStatus"]) == ("Ready", "OutOfPOST")
    assert (await settings(one, {**NUM_LOCK, **ON_RESET})).status == 202


@pytest.mark.asyncio
async def test_an_equal_boot_order_makes_no_job_and_another_one_does() -> None:
    """Quirk DEL-022."""
    one = bmc(Personality.DELL)
    order = (await one.system())["Boot"]["BootOrder"]

    same = await one.ask("PATCH", one.layout.system_path, {"Boot": {"BootOrder": order}})
    other = await one.ask("PATCH", one.layout.system_path, {"Boot": {"BootOrder": order[::-1]}})
    before = (await one.system())["Boot"]["BootOrder"]
    await one.boot()

    assert (same.status, "location" in same.headers) == (200, False)
    assert (other.status, before) == (202, order)
    assert (await one.system())["Boot"]["BootOrder"] == order[::-1]


@pytest.mark.asyncio
async def test_attributes_choose_the_virtual_drive_to_boot_once() -> None:
    """Quirk DEL-016."""
    one = bmc(Personality.DELL)
    wanted = {"ServerBoot.1.BootOnce": "Enabled", "ServerBoot.1.FirstBootDevice": "VCD-DVD"}

    answer = await one.ask("PATCH", ATTRIBUTES, {"Attributes": wanted})
    shown = (await one.get(ATTRIBUTES))["Attributes"]
    await one.boot()

    assert answer.status == 200
    assert wanted.items() <= shown.items()
    assert one.backend.machine.booted_from == "Cd"


@pytest.mark.parametrize(
    ("attributes", "message_id"),
    [
        ({"Nonsense.1.X": "y"}, "PropertyUnknown"),
        ({"Info.1.ServiceTag": "ABC1234"}, "PropertyNotWritable"),
        ({"ServerBoot.1.FirstBootDevice": "Tape"}, "PropertyValueNotInList"),
        ({"WebServer.1.Timeout": "long"}, "PropertyValueTypeError"),
    ],
)
@pytest.mark.asyncio
async def test_a_wrong_attribute_is_refused(attributes: Any, message_id: str) -> None:
    one = bmc(Personality.DELL)

    answer = await one.ask("PATCH", ATTRIBUTES, {"Attributes": attributes})

    assert (answer.status, answer.message_id) == (400, message_id)


@pytest.mark.asyncio
async def test_lockdown_refuses_changes_of_the_host_until_it_is_lifted() -> None:
    """Quirk DEL-101."""
    one = bmc(Personality.DELL)
    await one.ask("PATCH", ATTRIBUTES, {"Attributes": {"Lockdown.1.SystemLockdown": "Enabled"}})

    refused = await settings(one, {**NUM_LOCK, **ON_RESET})
    update = await one.update("http://10.0.0.1/bios-9.8.7.bin")
    power = await one.reset("On")
    await one.ask("PATCH", ATTRIBUTES, {"Attributes": {"Lockdown.1.SystemLockdown": "Disabled"}})
    one.clock.now += 6

    assert (refused.status, update.status, power.status) == (403, 403, 200)
    assert (await settings(one, {**NUM_LOCK, **ON_RESET})).status == 202


def profile(component: str, **attributes: str) -> str:
    """A configuration profile as Ironic's idrac interface sends it."""
    entries = "".join(
        f'<Attribute Name="{name.replace("__", "#").replace("_", ".")}">{value}</Attribute>'
        for name, value in attributes.items()
    )
    body = f'<Component FQDD="{component}">{entries}</Component>'
    return f"<SystemConfiguration>{body}</SystemConfiguration>"


@pytest.mark.asyncio
async def test_an_imported_profile_sets_the_boot_device() -> None:
    """Quirk DEL-016, by the file that Ironic's virtual media boot imports."""
    one = bmc(Personality.DELL)
    buffer = profile(
        "iDRAC.Embedded.1",
        ServerBoot_1__BootOnce="Enabled",
        ServerBoot_1__FirstBootDevice="VCD-DVD",
    )
    target = f"{MANAGER_ACTIONS}.ImportSystemConfiguration"
    body = {"ShareParameters": SHARE, "ImportBuffer": buffer}

    accepted = await one.ask("POST", target, body)
    second = await one.ask("POST", target, body)
    one.clock.now += 2
    ended = await one.get(accepted.headers["location"])
    await one.boot()

    assert accepted.status == 202
    assert (second.status, second.message_id) == (400, "LC068")
    assert ended["TaskState"] == "Completed"
    assert one.backend.machine.booted_from == "Cd"


@pytest.mark.asyncio
async def test_an_imported_bios_value_restarts_the_host_and_a_wrong_one_fails_the_job() -> None:
    one = bmc(Personality.DELL)
    await one.boot()
    one.clock.now += 5
    target = f"{MANAGER_ACTIONS}.ImportSystemConfiguration"

    wrong = await one.ask(
        "POST",
        target,
        {"ShareParameters": SHARE, "ImportBuffer": profile("BIOS.Setup.1-1", NumLock="Sideways")},
    )
    one.clock.now += 2
    failed = await one.get(wrong.headers["location"])
    right = await one.ask(
        "POST",
        target,
        {
            "ShareParameters": SHARE,
            "ShutdownType": "Forced",
            "ImportBuffer": profile("BIOS.Setup.1-1", NumLock="Off"),
        },
    )
    one.clock.now += 8

    assert failed["TaskState"] == "Exception"
    assert right.status == 202
    assert await bios(one, "NumLock") == "Off"


@pytest.mark.asyncio
async def test_an_exported_profile_is_read_where_its_task_was() -> None:
    """Quirk DEL-050: it holds the iDRAC's own settings too."""
    one = bmc(Personality.DELL)
    body = {"ExportFormat": "JSON", "ShareParameters": SHARE}

    accepted = await one.ask("POST", f"{MANAGER_ACTIONS}.ExportSystemConfiguration", body)
    one.clock.now += 2
    exported = await one.get(accepted.headers["location"])

    components = {
        part["FQDD"]: {entry["Name"]: entry["Value"] for entry in part["Attributes"]}
        for part in exported["SystemConfiguration"]["Components"]
    }
    assert components["BIOS.Setup.1-1"]["NumLock"] == "On"
    assert components["iDRAC.Embedded.1"]["ServerBoot.1#BootOnce"] == "Disabled"


@pytest.mark.asyncio
async def test_a_perc_makes_a_volume_at_once_only_while_the_host_runs() -> None:
    """Quirks DEL-071 and DEL-077: and one job a controller."""
    one = bmc(Personality.DELL)
    storage = f"{one.layout.system_path}/Storage/RAID.SL.3-1"
    drives = (await one.get(storage))["Drives"]
    body = {"RAIDType": "RAID1", "Links": {"Drives": drives[:2]}}

    off = await one.ask(
        "POST", f"{storage}/Volumes", {**body, "@Redfish.OperationApplyTime": "Immediate"}
    )
    staged = await one.ask(
        "POST", f"{storage}/Volumes", {**body, "@Redfish.OperationApplyTime": "OnReset"}
    )
    second = await one.ask(
        "POST", f"{storage}/Volumes", {**body, "@Redfish.OperationApplyTime": "OnReset"}
    )
    await one.boot()
    one.clock.now += 5
    made = await one.get(f"{storage}/Volumes")
    deleted = await one.ask("DELETE", made["Members"][0]["@odata.id"])
    one.clock.now += 2

    assert (off.status, off.message_id) == (400, "STOR023")
    assert (staged.status, second.status) == (202, 400)
    assert made["Members@odata.count"] == 1
    assert deleted.status == 202
    assert (await one.get(f"{storage}/Volumes"))["Members"] == []


@pytest.mark.asyncio
async def test_a_boss_makes_volumes_at_the_next_start_only() -> None:
    """Quirk DEL-072."""
    one = bmc(Personality.DELL)
    await one.boot()
    one.clock.now += 5
    storage = f"{one.layout.system_path}/Storage/BOSS.SL.14-1"
    volume = (await one.get(f"{storage}/Volumes"))["Members"][0]["@odata.id"]

    deleted = await one.ask("DELETE", volume)
    one.clock.now += 5
    before = (await one.get(f"{storage}/Volumes"))["Members@odata.count"]
    await one.boot()

    assert (deleted.status, before) == (202, 1)
    assert (await one.get(f"{storage}/Volumes"))["Members@odata.count"] == 0


@pytest.mark.asyncio
async def test_a_finished_task_vanishes_and_its_job_stays() -> None:
    """Quirk DEL-054."""
    one = bmc(Personality.DELL, task_kept_s=10.0)
    made = await settings(one, {**NUM_LOCK, **ON_RESET})
    await one.boot()

    there = await one.ask("GET", made.headers["location"])
    one.clock.now += 11
    gone = await one.ask("GET", made.headers["location"])

    assert (there.status, gone.status) == (200, 404)
    assert (await job(one, made))["JobState"] == "Completed"


@pytest.mark.asyncio
async def test_a_task_is_not_seen_for_a_moment_after_it_was_announced() -> None:
    """Quirk DEL-055."""
    one = bmc(Personality.DELL, task_appears_after_s=2.0)
    made = await settings(one, {**NUM_LOCK, **ON_RESET})

    early = await one.ask("GET", made.headers["location"])
    one.clock.now += 3

    assert early.status == 404
    assert (await one.ask("GET", made.headers["location"])).status == 200
