"""Sessions: one a BMC, shared, renewed, never leaked, and no second try with a wrong password."""

from __future__ import annotations

import asyncio

import pytest

from fleetd.domain.errors import Busy, CredentialHeld, Missing, Unauthorised
from fleetd.redfish.client import RedfishClient
from fleetd.redfish.traits import ConnectionTraits
from tests.support.redfish_side import WRONG, Witness, connect_to, section, until
from tests.support.scripted_bmc import (
    SYSTEM,
    ScriptedBmc,
    running_bmc,
    says,
    waits_for,
)

LOGIN = "POST /redfish/v1/SessionService/Sessions"


@pytest.mark.asyncio
async def test_a_resource_is_read_over_a_session(client: RedfishClient, bmc: ScriptedBmc) -> None:
    connection = connect_to(client, bmc)

    document = await connection.get(SYSTEM)

    assert document["Id"] == "1"
    assert bmc.logins == {"right": 1}
    assert not any("Authorization" in headers for headers in bmc.headers)


@pytest.mark.asyncio
async def test_requests_that_start_together_share_one_login(
    client: RedfishClient, bmc: ScriptedBmc
) -> None:
    connection = connect_to(client, bmc)

    await asyncio.gather(*(connection.get(SYSTEM) for _ in range(20)))

    assert bmc.logins == {"right": 1}
    assert bmc.most_in_flight <= 2


@pytest.mark.asyncio
async def test_connecting_twice_reuses_the_session(client: RedfishClient, bmc: ScriptedBmc) -> None:
    await connect_to(client, bmc).get(SYSTEM)
    await connect_to(client, bmc).get(SYSTEM)

    assert bmc.logins == {"right": 1}


@pytest.mark.asyncio
async def test_an_expired_session_is_renewed_once_and_nobody_notices(
    client: RedfishClient, bmc: ScriptedBmc
) -> None:
    connection = connect_to(client, bmc)
    await connection.get(SYSTEM)
    bmc.forget_sessions()

    documents = await asyncio.gather(*(connection.get(SYSTEM) for _ in range(6)))

    assert {document["Id"] for document in documents} == {"1"}
    assert bmc.logins == {"right": 2}


@pytest.mark.asyncio
async def test_a_401_for_a_missing_right_leaves_no_session_behind(
    client: RedfishClient, bmc: ScriptedBmc
) -> None:
    connection = connect_to(client, bmc)
    bmc.always[f"GET {SYSTEM}"] = says(401)

    for _ in range(3):
        with pytest.raises(Unauthorised):
            await connection.get(SYSTEM)

    assert len(bmc.sessions) == 1


@pytest.mark.asyncio
async def test_a_wrong_password_is_tried_exactly_once(
    client: RedfishClient, bmc: ScriptedBmc
) -> None:
    connection = connect_to(client, bmc, credential=WRONG)

    outcomes = await asyncio.gather(
        *(connection.get(SYSTEM) for _ in range(5)), return_exceptions=True
    )
    with pytest.raises(CredentialHeld):
        await connection.get(SYSTEM)

    assert all(isinstance(outcome, Unauthorised) for outcome in outcomes)
    assert bmc.logins == {"wrong": 1}


@pytest.mark.asyncio
async def test_a_wrong_basic_password_is_tried_exactly_once(bmc: ScriptedBmc) -> None:
    bmc.basic = True
    async with RedfishClient(section(), observer=Witness()) as client:
        traits = ConnectionTraits(basic_auth=True)
        connection = connect_to(client, bmc, credential=WRONG, traits=traits)
        outcomes = await asyncio.gather(
            *(connection.get(SYSTEM) for _ in range(5)), return_exceptions=True
        )

    assert all(isinstance(outcome, Unauthorised) for outcome in outcomes)
    assert bmc.logins == {"wrong": 1}


@pytest.mark.asyncio
async def test_basic_is_used_where_the_driver_says_so(
    client: RedfishClient, bmc: ScriptedBmc
) -> None:
    bmc.basic = True
    connection = connect_to(client, bmc, traits=ConnectionTraits(basic_auth=True))

    assert (await connection.get(SYSTEM))["Id"] == "1"
    assert not bmc.count(LOGIN)


@pytest.mark.asyncio
async def test_a_full_session_table_is_busy_and_holds_no_credential(
    client: RedfishClient, bmc: ScriptedBmc
) -> None:
    bmc.session_limit = 0
    connection = connect_to(client, bmc)
    with pytest.raises(Busy, match="no session left"):
        await connection.get(SYSTEM)

    bmc.session_limit = 1

    assert (await connection.get(SYSTEM))["Id"] == "1"


@pytest.mark.asyncio
async def test_sessions_are_opened_where_the_old_place_is_the_only_one(
    client: RedfishClient, bmc: ScriptedBmc
) -> None:
    bmc.sessions_at = "/redfish/v1/Sessions"
    bmc.always[LOGIN] = says(405)

    assert (await connect_to(client, bmc).get(SYSTEM))["Id"] == "1"


@pytest.mark.asyncio
async def test_a_service_without_sessions_says_so(client: RedfishClient, bmc: ScriptedBmc) -> None:
    bmc.sessions_at = "/nowhere"
    bmc.always[LOGIN] = bmc.always["POST /redfish/v1/Sessions"] = says(404)

    with pytest.raises(Missing, match="no place to open a session"):
        await connect_to(client, bmc).get(SYSTEM)


@pytest.mark.asyncio
async def test_closing_logs_out_and_the_next_request_logs_in_again(
    client: RedfishClient, bmc: ScriptedBmc
) -> None:
    connection = connect_to(client, bmc)
    await connection.get(SYSTEM)

    await connection.close()

    assert not bmc.sessions
    await connection.get(SYSTEM)
    assert bmc.logins == {"right": 2}


@pytest.mark.asyncio
async def test_a_login_cancelled_half_way_leaves_no_session() -> None:
    async with running_bmc() as bmc:
        answering = asyncio.Event()

        bmc.then(LOGIN, waits_for(answering, bmc.answer))
        async with RedfishClient(section(), observer=Witness()) as client:
            reading = asyncio.create_task(connect_to(client, bmc).get(SYSTEM))
            await until(lambda: bmc.count(LOGIN) == 1)
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading
            answering.set()

        assert bmc.logins == {"right": 1}
        assert not bmc.sessions


@pytest.mark.asyncio
async def test_a_client_cancelled_at_work_logs_out_everywhere() -> None:
    async with running_bmc() as one, running_bmc() as other:
        never = asyncio.Event()
        for bmc in (one, other):
            bmc.always["GET /redfish/v1/Systems"] = waits_for(never)

        async def work() -> None:
            async with (
                RedfishClient(section(), observer=Witness()) as client,
                asyncio.TaskGroup() as group,
            ):
                for bmc in (one, other):
                    group.create_task(connect_to(client, bmc).get("/redfish/v1/Systems"))

        working = asyncio.create_task(work())
        await until(lambda: one.in_flight + other.in_flight == 2 and len(one.sessions) == 1)
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working

        assert one.logins == other.logins == {"right": 1}
        assert not one.sessions
        assert not other.sessions


@pytest.mark.asyncio
async def test_a_client_cancelled_while_it_logs_out_finishes_that() -> None:
    async with running_bmc() as bmc:
        logout = "DELETE /redfish/v1/SessionService/Sessions/1"
        answering = asyncio.Event()
        bmc.then(logout, waits_for(answering, bmc.answer))

        async def work() -> None:
            async with RedfishClient(section(), observer=Witness()) as client:
                await connect_to(client, bmc).get(SYSTEM)

        working = asyncio.create_task(work())
        await until(lambda: bmc.count(logout) == 1)
        working.cancel()
        await asyncio.sleep(0)
        assert not working.done()
        answering.set()
        with pytest.raises(asyncio.CancelledError):
            await working

        assert not bmc.sessions


@pytest.mark.asyncio
async def test_closing_goes_on_when_its_caller_is_cancelled() -> None:
    async with (
        running_bmc() as bmc,
        RedfishClient(section(), observer=Witness()) as client,
    ):
        logout = "DELETE /redfish/v1/SessionService/Sessions/1"
        answering = asyncio.Event()
        bmc.then(logout, waits_for(answering, bmc.answer))
        connection = connect_to(client, bmc)
        await connection.get(SYSTEM)
        closing = asyncio.create_task(connection.close())
        await until(lambda: bmc.count(logout) == 1)

        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        answering.set()

        await until(lambda: not bmc.sessions)


@pytest.mark.asyncio
async def test_a_new_password_replaces_the_connection_and_its_session(
    client: RedfishClient, bmc: ScriptedBmc
) -> None:
    held = connect_to(client, bmc, credential=WRONG)
    with pytest.raises(Unauthorised):
        await held.get(SYSTEM)

    fresh = connect_to(client, bmc)

    assert fresh is not held
    assert (await fresh.get(SYSTEM))["Id"] == "1"
