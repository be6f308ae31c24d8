"""How an emulated server behaves: power, boot, BIOS, secure boot, media, volumes."""

from __future__ import annotations

import pytest

from fleetd_emulators.hardware import Personality
from fleetd_emulators.servers.documents import LAYOUTS
from tests.support.servers import ALL, another_choice, bmc

everywhere = pytest.mark.parametrize("personality", ALL)
RAIDERS = [Personality.HPE, Personality.LENOVO, Personality.GENERIC]


@everywhere
@pytest.mark.asyncio
async def test_every_resource_of_the_tree_is_served(personality: Personality) -> None:
    one = bmc(personality, 4)

    for path in one.backend.machine.documents:
        assert (await one.ask("GET", path)).status == 200, path


@everywhere
@pytest.mark.asyncio
async def test_power_on_takes_its_time(personality: Personality) -> None:
    one = bmc(personality)

    await one.reset("On")
    one.clock.now += 0.5
    midway = (await one.system())["PowerState"]
    one.clock.now += 0.6

    assert midway in {"Off", "PoweringOn"}
    assert (await one.system())["PowerState"] == "On"
    assert (await one.get(one.layout.chassis_path))["PowerState"] == "On"


@everywhere
@pytest.mark.asyncio
async def test_a_graceful_shutdown_takes_longer_than_a_forced_one(
    personality: Personality,
) -> None:
    forced, graceful = bmc(personality), bmc(personality)
    states = []

    for one, reset_type in ((forced, "ForceOff"), (graceful, "GracefulShutdown")):
        await one.boot()
        await one.reset(reset_type)
        one.clock.now += 0.3
        states.append((await one.system())["PowerState"])
        one.clock.now += 2
        assert (await one.system())["PowerState"] == "Off"

    assert states[0] == "Off"
    assert states[1] in {"On", "PoweringOff"}


@everywhere
@pytest.mark.asyncio
async def test_a_restart_goes_through_off(personality: Personality) -> None:
    one = bmc(personality)
    await one.boot()

    await one.reset("ForceRestart")
    one.clock.now += 0.3
    between = (await one.system())["PowerState"]
    one.clock.now += 5

    assert between == "Off"
    assert (await one.system())["PowerState"] == "On"


@pytest.mark.parametrize(
    ("personality", "status"),
    [
        (Personality.DELL, 409),
        (Personality.HPE, 400),
        (Personality.SUPERMICRO, 204),
        (Personality.OPENBMC, 204),
    ],
)
@pytest.mark.asyncio
async def test_on_when_on_is_answered_as_the_oem_does(
    personality: Personality, status: int
) -> None:
    one = bmc(personality)
    await one.boot()

    assert (await one.reset("On")).status == status
    assert (await one.system())["PowerState"] == "On"


@pytest.mark.parametrize("personality", [p for p in ALL if "Nmi" in LAYOUTS[p].reset_types])
@pytest.mark.asyncio
async def test_a_non_maskable_interrupt_needs_a_running_host(personality: Personality) -> None:
    one = bmc(personality)

    off = await one.reset("Nmi")
    await one.boot()
    on = await one.reset("Nmi")

    assert off.status in {400, 409}
    assert on.status < 300
    assert (await one.system())["PowerState"] == "On"


@everywhere
@pytest.mark.asyncio
async def test_an_override_for_once_is_used_up_by_one_boot(personality: Personality) -> None:
    one = bmc(personality)

    await one.ask("PATCH", one.boot_path, override("Pxe", "Once"))
    before = (await one.system())["Boot"]
    await one.boot()
    after = (await one.system())["Boot"]

    assert (before["BootSourceOverrideTarget"], before["BootSourceOverrideEnabled"]) == (
        "Pxe",
        "Once",
    )
    assert one.backend.machine.booted_from == "Pxe"
    assert (after["BootSourceOverrideTarget"], after["BootSourceOverrideEnabled"]) == (
        "None",
        "Disabled",
    )


@pytest.mark.parametrize("personality", [p for p in ALL if p is not Personality.LENOVO])
@pytest.mark.asyncio
async def test_a_continuous_override_stays(personality: Personality) -> None:
    one = bmc(personality)

    await one.ask("PATCH", one.boot_path, override("Hdd", "Continuous"))
    await one.boot()

    assert (await one.system())["Boot"]["BootSourceOverrideTarget"] == "Hdd"


@pytest.mark.asyncio
async def test_supermicro_drops_an_override_sent_without_enabled() -> None:
    one = bmc(Personality.SUPERMICRO)
    body = {"Boot": {"BootSourceOverrideTarget": "Pxe"}}

    await one.ask("PATCH", one.layout.system_path, body)

    assert (await one.system())["Boot"]["BootSourceOverrideEnabled"] == "Disabled"


@pytest.mark.asyncio
async def test_an_http_boot_keeps_its_uri_until_it_is_done() -> None:
    one = bmc(Personality.GENERIC)
    body = override("UefiHttp", "Once")
    body["Boot"]["HttpBootUri"] = "http://10.0.0.1/boot.efi"

    answer = await one.ask("PATCH", one.layout.system_path, body)
    before = (await one.system())["Boot"]
    await one.boot()

    assert answer.status == 204
    assert before["BootSourceOverrideTarget"] == "UefiHttp"
    assert before["HttpBootUri"] == "http://10.0.0.1/boot.efi"
    assert one.backend.machine.booted_from == "UefiHttp"
    assert (await one.system())["Boot"]["HttpBootUri"] is None


@everywhere
@pytest.mark.asyncio
async def test_bios_settings_wait_for_the_next_start(personality: Personality) -> None:
    one = bmc(personality, bios_needs_job=False)
    name, wanted = another_choice(one.hardware)

    answer = await one.ask("PATCH", one.layout.bios_settings_path, {"Attributes": {name: wanted}})
    current = (await one.get(one.layout.bios_path))["Attributes"]
    pending = await one.pending()
    await one.boot()

    assert answer.status < 300
    assert current[name] == one.hardware.bios_attributes[name]
    assert pending == {name: wanted}
    assert (await one.get(one.layout.bios_path))["Attributes"][name] == wanted
    assert await one.pending() == {}


@everywhere
@pytest.mark.asyncio
async def test_a_bios_reset_brings_back_the_factory_settings(personality: Personality) -> None:
    one = bmc(personality, bios_needs_job=False)
    name, wanted = another_choice(one.hardware)
    await one.ask("PATCH", one.layout.bios_settings_path, {"Attributes": {name: wanted}})
    await one.boot()

    answer = await one.ask("POST", f"{one.layout.bios_path}/Actions/Bios.ResetBios", {})
    await one.boot()

    assert answer.status < 300
    assert (await one.get(one.layout.bios_path))["Attributes"] == one.hardware.bios_attributes


@everywhere
@pytest.mark.asyncio
async def test_secure_boot_is_current_after_a_start(personality: Personality) -> None:
    one = bmc(personality)
    path = f"{one.layout.system_path}/SecureBoot"

    answer = await one.ask("PATCH", path, {"SecureBootEnable": True})
    before = await one.get(path)
    await one.boot()

    assert answer.status < 300
    assert (before["SecureBootEnable"], before["SecureBootCurrentBoot"]) == (True, "Disabled")
    assert (await one.get(path))["SecureBootCurrentBoot"] == "Enabled"


@everywhere
@pytest.mark.asyncio
async def test_media_is_inserted_and_ejected_without_its_secret(personality: Personality) -> None:
    one = bmc(personality)
    drive = f"{one.layout.media_path}/{one.layout.virtual_media[0][0]}"
    body = {"Image": "https://10.0.0.1/a/boot.iso", "UserName": "me", "Password": "quite-secret"}

    inserted = await one.ask("POST", f"{drive}/Actions/VirtualMedia.InsertMedia", body)
    full = await one.get(drive)
    again = await one.ask("POST", f"{drive}/Actions/VirtualMedia.InsertMedia", body)
    ejected = await one.ask("POST", f"{drive}/Actions/VirtualMedia.EjectMedia", {})
    empty = await one.get(drive)

    assert inserted.status < 300
    assert (full["Inserted"], full["ImageName"], full["ConnectedVia"]) == (True, "boot.iso", "URI")
    assert full["Image"] == "https://10.0.0.1/a/boot.iso"
    assert "quite-secret" not in str(full)
    assert again.status == 409
    assert ejected.status < 300
    assert (empty["Inserted"], empty["Image"], empty["ConnectedVia"]) == (
        False,
        None,
        "NotConnected",
    )


@pytest.mark.parametrize("personality", RAIDERS)
@pytest.mark.asyncio
async def test_a_volume_is_made_of_free_drives_and_taken_apart(personality: Personality) -> None:
    one = bmc(personality)
    storage = await one.get(f"{one.layout.system_path}/Storage")
    subsystem = await one.get(storage["Members"][-1]["@odata.id"])
    volumes = subsystem["Volumes"]["@odata.id"].rstrip("/")
    body = {"RAIDType": "RAID0", "Name": "scratch", "Links": {"Drives": subsystem["Drives"][-1:]}}
    before = (await one.get(volumes))["Members@odata.count"]

    made = await one.ask("POST", volumes, body)
    during = await one.get(volumes)
    taken = await one.ask("POST", volumes, body)
    gone = await one.ask("DELETE", made.headers["location"])

    assert made.status == 201
    assert made.body["Name"] == "scratch"
    assert made.body["CapacityBytes"] == one.hardware.controllers[-1].drives[-1].capacity_bytes
    assert during["Members@odata.count"] == before + 1
    assert made.headers["location"] in {member["@odata.id"] for member in during["Members"]}
    assert taken.status == 409
    assert gone.status == 204
    assert (await one.get(volumes))["Members@odata.count"] == before


@pytest.mark.asyncio
async def test_a_lasting_volume_keeps_its_id_when_another_goes() -> None:
    one = bmc(Personality.LENOVO)
    path = f"{one.layout.system_path}/Storage/RAID_Slot4"
    drives = (await one.get(path))["Drives"]
    body = {"RAIDType": "RAID1", "Links": {"Drives": drives[2:4]}}

    made = await one.ask("POST", f"{path}/Volumes", body)
    await one.ask("DELETE", f"{path}/Volumes/1")

    assert made.headers["location"] == f"{path}/Volumes/2"
    assert (await one.get(f"{path}/Volumes/2"))["RAIDType"] == "RAID1"


@everywhere
@pytest.mark.asyncio
async def test_the_locator_light_is_one_light(personality: Personality) -> None:
    one = bmc(personality)

    lit = {"IndicatorLED": "Lit", "LocationIndicatorActive": True}
    name = one.layout.locators[0]

    await one.ask("PATCH", one.layout.system_path, {name: lit[name]})

    for path in (one.layout.system_path, one.layout.chassis_path):
        document = await one.get(path)
        shown = {name: document[name] for name in lit if name in document}
        assert shown == {name: lit[name] for name in one.layout.locators}


@pytest.mark.parametrize(
    ("personality", "name", "value"),
    [
        (Personality.HPE, "IndicatorLED", "Lit"),
        (Personality.DELL, "LocationIndicatorActive", True),
    ],
)
@pytest.mark.asyncio
async def test_a_light_is_unknown_under_the_name_the_oem_does_not_use(
    personality: Personality, name: str, value: object
) -> None:
    one = bmc(personality)

    answer = await one.ask("PATCH", one.layout.system_path, {name: value})

    assert (answer.status, answer.message_id) == (400, "PropertyUnknown")


@everywhere
@pytest.mark.asyncio
async def test_many_machines_in_one_process_keep_apart(personality: Personality) -> None:
    one, other = bmc(personality, 1), bmc(personality, 2)

    await one.boot()

    assert (await one.system())["PowerState"] == "On"
    assert (await other.system())["PowerState"] == "Off"
    assert (await one.system())["UUID"] != (await other.system())["UUID"]


@everywhere
@pytest.mark.asyncio
async def test_starts_are_written_into_the_log(personality: Personality) -> None:
    one = bmc(personality)
    await one.boot()
    owner = one.layout.system_path if one.layout.system_logs else one.layout.manager_path
    logs = await one.get(f"{owner}/LogServices")
    log = logs["Members"][0]["@odata.id"].rstrip("/")

    entries = await one.get(f"{log}/Entries")
    first = await one.get(entries["Members"][0]["@odata.id"])
    await one.ask("POST", f"{log}/Actions/LogService.ClearLog", {})

    assert "started from Hdd" in first["Message"]
    assert (await one.get(f"{log}/Entries"))["Members@odata.count"] == 0


def override(target: str, enabled: str) -> dict[str, dict[str, str]]:
    return {
        "Boot": {
            "BootSourceOverrideTarget": target,
            "BootSourceOverrideEnabled": enabled,
            "BootSourceOverrideMode": "UEFI",
        }
    }


@pytest.mark.asyncio
async def test_ilo_takes_paths_in_either_case() -> None:
    one = bmc(Personality.HPE)

    bios = await one.get("/redfish/v1/Systems/1/Bios")

    assert bios["@odata.id"] == "/redfish/v1/systems/1/bios/"
    assert (await bmc(Personality.DELL).ask("GET", "/redfish/v1/systems")).status == 404
