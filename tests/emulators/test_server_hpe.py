"""iLO as a workflow meets it: closed during POST, and an update service with a state of its own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fleetd_emulators.hardware import Personality
from tests.support.servers import Bmc, bmc

SETTINGS = "/redfish/v1/systems/1/bios/settings"
UPDATE = "/redfish/v1/UpdateService"
EXTENSIONS = "/redfish/v1/Systems/1/Actions/Oem/Hpe/HpeComputerSystemExt"


async def hpe_of(one: Bmc, path: str) -> Any:
    return (await one.get(path))["Oem"]["Hpe"]


@pytest.mark.asyncio
async def test_what_the_firmware_reads_cannot_be_changed_during_post() -> None:
    """Quirk HPE-020."""
    one = bmc(Personality.HPE)
    off = (await hpe_of(one, "/redfish/v1/Systems/1"))["PostState"]
    await one.reset("On")
    one.clock.now += 2
    during = await hpe_of(one, "/redfish/v1/Systems/1")
    boot = {"Boot": {"BootSourceOverrideTarget": "Pxe", "BootSourceOverrideEnabled": "Once"}}
    bios = {"Attributes": {"ProcHyperthreading": "Disabled"}}
    refused = [
        await one.ask("PATCH", "/redfish/v1/Systems/1", boot),
        await one.ask("PATCH", SETTINGS, bios),
        await one.ask("PATCH", "/redfish/v1/Systems/1/SecureBoot", {"SecureBootEnable": True}),
    ]
    one.clock.now += 3
    after = await hpe_of(one, "/redfish/v1/Systems/1")

    assert (off, during["PostState"], after["PostState"]) == ("PowerOff", "InPost", "FinishedPost")
    assert {(one.status, one.message_id) for one in refused} == {
        (400, "UnableToModifyDuringSystemPOST")
    }
    assert during["DeviceDiscoveryComplete"]["SmartArrayDiscovery"] == "Busy"
    assert (await one.ask("PATCH", "/redfish/v1/Systems/1", boot)).status == 200


@pytest.mark.asyncio
async def test_a_wrong_bios_value_is_taken_and_dropped_at_the_next_start() -> None:
    one = bmc(Personality.HPE)
    wrong = {"Attributes": {"ProcHyperthreading": "Sideways", "Sriov": "Disabled"}}

    taken = await one.ask("PATCH", SETTINGS, wrong)
    await one.boot()
    bios = await one.get("/redfish/v1/systems/1/bios")

    assert taken.status == 200
    assert bios["Attributes"]["ProcHyperthreading"] == "Enabled"
    assert bios["Attributes"]["Sriov"] == "Disabled"
    messages = bios["@Redfish.Settings"]["Messages"]
    assert [message["MessageId"].rpartition(".")[2] for message in messages] == [
        "PropertyValueNotInList"
    ]


@pytest.mark.asyncio
async def test_the_drive_itself_is_told_to_be_booted_once() -> None:
    """Quirk HPE-016."""
    one = bmc(Personality.HPE)
    drive = "/redfish/v1/Managers/1/VirtualMedia/2"

    await one.ask("PATCH", drive, {"Oem": {"Hpe": {"BootOnNextServerReset": True}}})
    before = (await hpe_of(one, drive))["BootOnNextServerReset"]
    await one.boot()

    assert before is True
    assert one.backend.machine.booted_from == "Cd"
    assert (await hpe_of(one, drive))["BootOnNextServerReset"] is False


@pytest.mark.asyncio
async def test_enabled_is_not_written_while_the_target_is_none() -> None:
    """Quirk HPE-022."""
    one = bmc(Personality.HPE)
    body = {"Boot": {"BootSourceOverrideTarget": "None", "BootSourceOverrideEnabled": "Disabled"}}

    assert (await one.ask("PATCH", "/redfish/v1/Systems/1", body)).status == 400


def form(key: str, **parameters: Any) -> tuple[bytes, dict[str, str]]:
    """The upload form of iLO's page."""
    part = '--b\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n{}\r\n'
    body = part.format("sessionKey", "", "k1")
    body += part.format("parameters", "", json.dumps(parameters))
    body += part.format("files[]", '; filename="U54_2.99.fwpkg"', "image")
    headers = {"content-type": "multipart/form-data; boundary=b", "cookie": f"sessionKey={key}"}
    return (body + "--b--\r\n").encode(), headers


@pytest.mark.asyncio
async def test_an_image_comes_in_a_form_and_its_progress_shows_at_the_update_service() -> None:
    """Quirks HPE-031, HPE-032 and HPE-033."""
    one = bmc(Personality.HPE)
    await one.boot()
    raw = await one.ask("POST", "/cgi-bin/uploadFile", b"image", {"content-type": "image/x"})
    body, stranger = form("other", UpdateRepository=True, UpdateTarget=True)
    alien = await one.ask("POST", "/cgi-bin/uploadFile", body, stranger)
    body, headers = form("k1", UpdateRepository=True, UpdateTarget=True)

    idle = await hpe_of(one, UPDATE)
    taken = await one.ask("POST", "/cgi-bin/uploadFile", body, headers)
    one.clock.now += 1.5
    half = await hpe_of(one, UPDATE)
    busy = await one.ask("POST", "/cgi-bin/uploadFile", body, headers)
    targeted = await one.update("http://10.0.0.1/x.bin", "/redfish/v1/Systems/1")
    one.clock.now += 2
    done = await hpe_of(one, UPDATE)
    await one.boot()

    assert (raw.status, alien.status, taken.status, busy.status) == (400, 403, 200, 400)
    assert (idle["State"], half["State"], done["State"]) == ("Idle", "Updating", "Complete")
    assert 40 <= half["FlashProgressPercent"] <= 60
    assert targeted.status == 400
    assert "2.99" in (await one.system())["BiosVersion"]


@pytest.mark.asyncio
async def test_the_button_is_pressed_and_held_and_standby_power_cut_when_off() -> None:
    """Quirk HPE-024."""
    one = bmc(Personality.HPE)

    await one.ask("POST", f"{EXTENSIONS}.PowerButton", {"PushType": "Press"})
    one.clock.now += 5
    on = (await one.system())["PowerState"]
    refused = await one.ask("POST", f"{EXTENSIONS}.SystemReset", {"ResetType": "AuxCycle"})
    await one.ask("POST", f"{EXTENSIONS}.PowerButton", {"PushType": "PressAndHold"})
    one.clock.now += 1
    off = (await one.system())["PowerState"]
    cycled = await one.ask("POST", f"{EXTENSIONS}.SystemReset", {"ResetType": "AuxCycle"})

    assert (on, refused.status, off, cycled.status) == ("On", 400, "Off", 200)
    assert not one.backend.available


@pytest.mark.asyncio
async def test_a_signing_request_is_ready_after_a_while_and_importing_restarts_the_bmc() -> None:
    one = bmc(Personality.HPE)
    path = "/redfish/v1/Managers/1/SecurityService/HttpsCert"
    subject = {"CommonName": "a", "OrgName": "b", "City": "c", "State": "d", "Country": "CH"}

    await one.ask("POST", f"{path}/Actions/HpeHttpsCert.GenerateCSR", subject)
    early = (await one.get(path))["CertificateSigningRequest"]
    one.clock.now += 2
    ready = (await one.get(path))["CertificateSigningRequest"]
    imported = f"{path}/Actions/HpeHttpsCert.ImportCertificate"
    refused = await one.ask("POST", imported, {"Certificate": "nonsense"})

    assert early is None
    assert ready.startswith("-----BEGIN CERTIFICATE REQUEST-----")
    assert refused.status == 400
    assert one.backend.available
