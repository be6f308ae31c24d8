"""A BMC that asks for an image before it takes it, a drive that is slow to empty, and boot keys."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from fleetd_emulators.hardware import Personality
from tests.support.emulators import client_of, rack_of
from tests.support.servers import bmc

DRIVE = "/redfish/v1/Systems/1/VirtualMedia/CD1"
KEYS = "/redfish/v1/Systems/1/SecureBoot"


@pytest.mark.parametrize(
    ("path", "status"), [("/there.iso", 204), ("/missing.iso", 400), (None, 400)]
)
@pytest.mark.asyncio
async def test_an_image_is_taken_only_where_it_is(path: str | None, status: int) -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        return web.Response(status=200 if request.path == "/there.iso" else 404)

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    spec: dict[str, Any] = {"servers": [{"personality": "generic"}], "habits": [{"fetches": True}]}
    try:
        async with rack_of(**spec) as rack, client_of(rack.bmcs[0]) as client:
            image = "http://127.0.0.1:9/x.iso" if path is None else f"http://{host}:{port}{path}"

            target = f"{DRIVE}/Actions/VirtualMedia.InsertMedia"
            done = await client.ask("POST", target, json={"Image": image}, headers=client.basic)

            assert done.status == status
            assert (await client.get(DRIVE)).json["Inserted"] is (status == 204)
    finally:
        await runner.cleanup()


@pytest.mark.asyncio
async def test_an_eject_goes_on_after_it_was_answered() -> None:
    """Quirk DEL-041: the drive looks full for a while, and takes no other image."""
    one = bmc(Personality.GENERIC, media_lag_s=2.0)
    insert, eject = (f"{DRIVE}/Actions/VirtualMedia.{verb}Media" for verb in ("Insert", "Eject"))
    await one.ask("POST", insert, {"Image": "https://10.0.0.1/a.iso"})

    await one.ask("POST", eject, {})
    full = (await one.get(DRIVE))["Inserted"]
    early = await one.ask("POST", insert, {"Image": "https://10.0.0.1/b.iso"})
    one.clock.now += 3

    assert (full, early.status) == (True, 409)
    assert (await one.get(DRIVE))["Inserted"] is False


@pytest.mark.asyncio
async def test_without_keys_secure_boot_does_not_hold_at_the_next_start() -> None:
    one = bmc(Personality.GENERIC)
    target = f"{KEYS}/Actions/SecureBoot.ResetKeys"
    await one.ask("PATCH", KEYS, {"SecureBootEnable": True})

    wrong = await one.ask("POST", target, {"ResetKeysType": "Shuffle"})
    await one.ask("POST", target, {"ResetKeysType": "DeletePK"})
    without = (await one.get(KEYS))["SecureBootMode"]
    await one.boot()
    off = (await one.get(KEYS))["SecureBootCurrentBoot"]
    await one.ask("POST", target, {"ResetKeysType": "ResetAllKeysToDefault"})
    await one.boot()

    assert (wrong.status, without, off) == (400, "SetupMode", "Disabled")
    assert (await one.get(KEYS))["SecureBootCurrentBoot"] == "Enabled"
