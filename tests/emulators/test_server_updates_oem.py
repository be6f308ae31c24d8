"""How XCC and bmcweb take images and media: by their own rules."""

from __future__ import annotations

from typing import Any

import pytest

from fleetd_emulators.hardware import Personality
from tests.support.servers import Answer, Bmc, bmc

UPDATE = "/redfish/v1/UpdateService"
CLAIM = {"HttpPushUriTargetsBusy": True, "HttpPushUriTargets": ["UEFI"]}


async def push(one: Bmc) -> Answer:
    return await one.ask("POST", "/fwupdate", b"image", {"content-type": "application/x"})


@pytest.mark.asyncio
async def test_xcc_takes_a_push_only_from_who_claimed_the_service() -> None:
    """Quirk LEN-007."""
    one = bmc(Personality.LENOVO)

    early = await push(one)
    claimed = await one.ask("PATCH", UPDATE, CLAIM)
    other = await one.ask("PATCH", UPDATE, {**CLAIM, "HttpPushUriTargets": ["BMC"]})
    pushed = await push(one)
    released = await one.ask("PATCH", UPDATE, {"HttpPushUriTargetsBusy": False})

    assert (early.status, claimed.status, other.status) == (400, 204, 409)
    assert (pushed.status, released.status) == (202, 204)
    assert (await one.get(UPDATE))["HttpPushUriTargets"] == []


@pytest.mark.asyncio
async def test_xcc_ends_its_task_before_the_version_shows_and_reads_it_once() -> None:
    """Quirks LEN-005 and LEN-009."""
    one = bmc(Personality.LENOVO)
    accepted = await one.update("http://10.0.0.1/uefi-9.8.7.bin")
    one.clock.now += 3.5
    monitor = await one.ask("GET", accepted.headers["location"])
    before = (await one.system())["BiosVersion"]
    again = await one.ask("GET", accepted.headers["location"])
    one.clock.now += 1

    assert monitor.body["TaskState"] == "Completed"
    assert "9.8.7" not in before
    assert again.status == 404
    assert "9.8.7" in (await one.system())["BiosVersion"]


@pytest.mark.asyncio
async def test_xcc_boots_from_elsewhere_for_once_only() -> None:
    """Quirk LEN-015."""
    one = bmc(Personality.LENOVO)
    body = {"Boot": {"BootSourceOverrideTarget": "Pxe", "BootSourceOverrideEnabled": "Continuous"}}

    assert (await one.ask("PATCH", one.layout.system_path, body)).status == 400


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"Image": "https://a/b.iso"}, 204),
        ({"Image": "https://a/b.iso", "TransferProtocolType": "HTTPS"}, 204),
        ({"Image": "http://a/b.iso"}, 400),
        ({"Image": "https://a/b.iso", "TransferProtocolType": "CIFS"}, 400),
        ({"Image": "https://a/b.iso", "Inserted": False}, 400),
        ({"Image": "https://a/b.iso", "MediaType": "CD"}, 400),
    ],
)
@pytest.mark.asyncio
async def test_bmcweb_checks_media_strictly(body: dict[str, Any], status: int) -> None:
    """Quirk OBM-012."""
    one = bmc(Personality.OPENBMC)
    drive = f"{one.layout.media_path}/{one.layout.virtual_media[0][0]}"

    answer = await one.ask("POST", f"{drive}/Actions/VirtualMedia.InsertMedia", body)

    assert answer.status == status


@pytest.mark.asyncio
async def test_bmcweb_pulls_by_https_only_and_one_image_at_a_time() -> None:
    """Quirks OBM-006 and OBM-009."""
    one = bmc(Personality.OPENBMC)
    target = f"{UPDATE}/Actions/UpdateService.SimpleUpdate"

    plain = await one.ask("POST", target, {"ImageURI": "http://10.0.0.1/bios.bin"})
    first = await one.update("https://10.0.0.1/bios-9.8.7.bin")
    second = await one.update("https://10.0.0.1/bmc-9.8.7.bin")

    assert (plain.status, first.status, second.status) == (400, 202, 503)


@pytest.mark.asyncio
async def test_bmcweb_loses_its_tasks_when_it_restarts() -> None:
    """Quirk OBM-004."""
    one = bmc(Personality.OPENBMC)
    task = (await one.update("https://10.0.0.1/bmc-9.8.7.bin")).body["@odata.id"]
    one.clock.now += 4
    before = (await one.ask("GET", task)).status
    reset = f"{one.layout.manager_path}/Actions/Manager.Reset"
    await one.ask("POST", reset, {"ResetType": "GracefulRestart"})
    one.clock.now += 4

    assert before == 200
    assert (await one.ask("GET", task)).status == 404
