"""sushy over our connections: same session, same limits, no blocking, nothing sent twice."""

from __future__ import annotations

import asyncio
import gc
import time
from typing import Any

import pytest
import sushy
from aiohttp import web
from sushy import connector as sushy_connector

from fleetd.domain.errors import (
    Missing,
    Refused,
    ShuttingDown,
    Unauthorised,
    Unreachable,
    Unsupported,
)
from fleetd.redfish.bridge import run_blocking, wait_for
from fleetd.redfish.client import RedfishClient
from tests.support.redfish_side import WRONG, connect_to, section, until
from tests.support.scripted_bmc import SYSTEM, ScriptedBmc, drops, says, waits_for

RESET = f"{SYSTEM}/Actions/ComputerSystem.Reset"


@pytest.fixture
def server(bmc: ScriptedBmc) -> ScriptedBmc:
    """The BMC with what sushy needs of a system."""
    bmc.resources[SYSTEM] |= {
        "SystemType": "Physical",
        "Boot": {"BootSourceOverrideEnabled": "Disabled"},
        "MemorySummary": {"TotalSystemMemoryGiB": 96},
        "Actions": {
            "#ComputerSystem.Reset": {
                "target": RESET,
                "ResetType@Redfish.AllowableValues": ["On", "ForceOff"],
            }
        },
    }
    return bmc


def power(root: sushy.Sushy) -> str:
    return str(root.get_system(SYSTEM).power_state.value)


def switch_on(root: sushy.Sushy) -> None:
    root.get_system(SYSTEM).reset_system(sushy.RESET_ON)


@pytest.mark.asyncio
async def test_sushy_shares_the_session_and_the_cached_root(
    client: RedfishClient, server: ScriptedBmc
) -> None:
    connection = connect_to(client, server)
    await connection.get(SYSTEM)

    assert await connection.sushy_call(power) == "On"

    assert server.logins == {"right": 1}
    assert server.count("GET /redfish/v1/") == 1


@pytest.mark.asyncio
async def test_sushy_acts_through_the_connection(
    client: RedfishClient, server: ScriptedBmc
) -> None:
    bodies: list[Any] = []

    async def resets(request: web.BaseRequest) -> web.StreamResponse:
        bodies.append(await request.json())
        return web.Response(status=204)

    server.always[f"POST {RESET}"] = resets

    await connect_to(client, server).sushy_call(switch_on)

    assert bodies == [{"ResetType": "On"}]


@pytest.mark.asyncio
async def test_a_reset_whose_answer_is_lost_is_sent_once(
    client: RedfishClient, server: ScriptedBmc
) -> None:
    server.always[f"POST {RESET}"] = drops

    with pytest.raises(Unreachable):
        await connect_to(client, server).sushy_call(switch_on)

    assert server.count(f"POST {RESET}") == 1


@pytest.mark.asyncio
async def test_a_session_that_expired_is_renewed_under_sushy(
    client: RedfishClient, server: ScriptedBmc
) -> None:
    connection = connect_to(client, server)
    await connection.get(SYSTEM)
    server.forget_sessions()

    assert await connection.sushy_call(power) == "On"
    assert server.logins == {"right": 2}


@pytest.mark.asyncio
async def test_a_write_that_an_idrac_takes_a_moment_later_is_tried_again_by_sushy(
    client: RedfishClient, server: ScriptedBmc
) -> None:
    async def accepts(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=204)

    server.then(f"POST {RESET}", says(500, "IDRAC.2.8.SYS518"), accepts)

    await connect_to(client, server).sushy_call(switch_on)

    assert server.count(f"POST {RESET}") == 2


@pytest.mark.asyncio
async def test_sushys_errors_become_ours(client: RedfishClient, server: ScriptedBmc) -> None:
    connection = connect_to(client, server)
    server.always[f"POST {RESET}"] = says(400, "Base.1.0.ActionParameterUnknown")

    with pytest.raises(Missing):
        await connection.sushy_call(lambda root: root.get_system("/redfish/v1/Systems/2").name)
    with pytest.raises(Refused):
        await connection.sushy_call(switch_on)
    with pytest.raises(Refused, match="another host"):
        await connection.sushy_call(lambda root: root.get_system("http://127.0.0.1:1/x").name)
    del server.resources[SYSTEM]["Actions"]["#ComputerSystem.Reset"]
    with pytest.raises(Unsupported):
        await connection.sushy_call(switch_on)


@pytest.mark.asyncio
async def test_a_wrong_password_is_tried_once_under_sushy(
    client: RedfishClient, server: ScriptedBmc
) -> None:
    connection = connect_to(client, server, credential=WRONG)

    for _ in range(2):
        with pytest.raises(Unauthorised):
            await connection.sushy_call(power)

    assert server.logins == {"wrong": 1}


@pytest.mark.asyncio
async def test_a_live_resource_does_not_leave_the_bridge(
    client: RedfishClient, server: ScriptedBmc
) -> None:
    with pytest.raises(TypeError, match="plain data"):
        await connect_to(client, server).sushy_call(lambda root: root.get_system(SYSTEM))


@pytest.mark.asyncio
async def test_a_collected_service_root_sends_nothing(
    client: RedfishClient, server: ScriptedBmc
) -> None:
    connection = connect_to(client, server)
    await connection.sushy_call(power)
    asked = len(server.requests)

    gc.collect()
    await connection.get(SYSTEM)

    assert server.requests[asked:] == [f"GET {SYSTEM}"]


@pytest.mark.asyncio
async def test_the_loop_runs_on_while_sushy_waits_for_a_task(
    client: RedfishClient, server: ScriptedBmc
) -> None:
    monitor = "/redfish/v1/TaskService/Monitors/1"

    async def accepted(_: web.BaseRequest) -> web.StreamResponse:
        headers = {"Location": monitor, "Retry-After": "1"}
        return web.json_response({"@odata.id": monitor}, status=202, headers=headers)

    server.then(f"GET {monitor}", accepted)
    server.resources[monitor] = {"@odata.id": monitor, "Id": "done"}
    server.always[f"POST {RESET}"] = accepted
    longest, last = 0.0, time.perf_counter()

    async def beat() -> None:
        nonlocal longest, last
        while True:
            await asyncio.sleep(0.005)
            now = time.perf_counter()
            longest, last = max(longest, now - last), now

    def wait_for_reset(root: sushy.Sushy) -> int:
        response = root._conn.post(RESET, data={"ResetType": "On"}, blocking=True, timeout=10)
        return int(response.status_code)

    connection = connect_to(client, server)
    await connection.sushy_call(power)
    beating = asyncio.create_task(beat())
    try:
        assert await connection.sushy_call(wait_for_reset) == 200
    finally:
        beating.cancel()

    assert longest < 0.5, "a second of sleeping was spent on the event loop"


@pytest.mark.asyncio
async def test_cancelling_ends_sushys_wait(client: RedfishClient, server: ScriptedBmc) -> None:
    server.always[f"GET {SYSTEM}"] = waits_for(asyncio.Event())
    calling = asyncio.create_task(connect_to(client, server).sushy_call(power))
    await until(lambda: server.in_flight == 1)

    calling.cancel()

    with pytest.raises(asyncio.CancelledError):
        await calling


@pytest.mark.asyncio
async def test_calls_run_side_by_side(client: RedfishClient, server: ScriptedBmc) -> None:
    connection = connect_to(client, server)

    assert await asyncio.gather(*(connection.sushy_call(power) for _ in range(10))) == ["On"] * 10
    assert server.most_in_flight <= section().requests_per_endpoint


@pytest.mark.asyncio
async def test_an_error_travels_into_blocking_code_and_out_of_it() -> None:
    async def fails() -> None:
        raise KeyError("inside")

    def work() -> str:
        try:
            wait_for(fails())
        except KeyError:
            raise ValueError("outside") from None
        return "never"

    with pytest.raises(ValueError, match="outside"):
        await run_blocking(work)


def test_outside_the_bridge_sleep_is_sleep_and_waiting_is_an_error() -> None:
    waiting = asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="outside"):
        wait_for(waiting)
    waiting.close()
    started = time.perf_counter()

    sushy_connector.time.sleep(0.01)

    assert time.perf_counter() - started >= 0.01


@pytest.mark.asyncio
async def test_a_stopped_client_logs_in_no_more(server: ScriptedBmc) -> None:
    async with RedfishClient(section(), observer=_Deaf()) as client:
        connection = connect_to(client, server)
        await connection.get(SYSTEM)

    with pytest.raises(ShuttingDown):
        await connection.get(SYSTEM)

    assert not server.sessions


class _Deaf:
    def observe(self, driver: str, method: str, outcome: str, seconds: float) -> None: ...
