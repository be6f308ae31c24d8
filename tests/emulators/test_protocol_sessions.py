from __future__ import annotations

import pytest

from tests.support.emulators import client_of, rack_of

SESSIONS = "/redfish/v1/SessionService/Sessions"
CHASSIS = "/redfish/v1/Chassis"


@pytest.mark.asyncio
async def test_the_root_needs_no_credentials_and_everything_below_does() -> None:
    async with rack_of(pdus=1) as rack, client_of(rack.bmcs[0]) as client:
        for path in ("/redfish", "/redfish/v1", "/redfish/v1/", "/redfish/v1/$metadata"):
            assert (await client.ask("GET", path, headers={})).status == 200

        refused = await client.ask("GET", CHASSIS, headers={})

        assert refused.status == 401
        assert refused.headers["WWW-Authenticate"].startswith("Basic")
        assert refused.json["error"]["@Message.ExtendedInfo"][0]["MessageId"].startswith("Base.")


@pytest.mark.asyncio
async def test_a_session_lives_from_its_login_to_its_logout() -> None:
    async with rack_of(pdus=1) as rack, client_of(rack.bmcs[0]) as client:
        opened = await client.login()
        token = {"X-Auth-Token": opened.headers["X-Auth-Token"]}
        location = opened.headers["Location"]
        listed = await client.ask("GET", SESSIONS, headers=token)
        used = await client.ask("GET", CHASSIS, headers=token)
        closed = await client.ask("DELETE", location, headers=token)
        after = await client.ask("GET", CHASSIS, headers=token)

        assert opened.status == 201
        assert opened.json["@odata.id"] == location
        assert listed.json["Members"] == [{"@odata.id": location}]
        assert used.status == 200
        assert closed.status == 204
        assert after.status == 401


@pytest.mark.asyncio
async def test_basic_authentication_opens_no_session() -> None:
    async with rack_of(pdus=1) as rack, client_of(rack.bmcs[0]) as client:
        answer = await client.get(CHASSIS)

        assert answer.status == 200
        assert (await client.get(SESSIONS)).json["Members"] == []


@pytest.mark.asyncio
async def test_a_full_session_table_refuses_logins_until_one_is_closed() -> None:
    protocol = [{"session_limit": 2}]
    async with rack_of(pdus=1, protocol=protocol) as rack, client_of(rack.bmcs[0]) as client:
        first = await client.login()
        await client.login()
        full = await client.login()
        token = {"X-Auth-Token": first.headers["X-Auth-Token"]}
        await client.ask("DELETE", first.headers["Location"], headers=token)
        again = await client.login()

        assert full.status == 503
        assert full.headers["Retry-After"] == "30"
        assert "limit" in full.json["error"]["message"]
        assert again.status == 201


@pytest.mark.asyncio
async def test_an_idle_session_times_out_and_frees_its_place() -> None:
    protocol = [{"session_limit": 1, "session_timeout_s": 0.05}]
    async with rack_of(pdus=1, protocol=protocol) as rack, client_of(rack.bmcs[0]) as client:
        opened = await client.login()
        gate = rack.bmcs[0].front.gate  # type: ignore[union-attr]
        session = gate.find(opened.json["Id"])
        assert session is not None
        session.used_at -= 1

        late = await client.ask(
            "GET", CHASSIS, headers={"X-Auth-Token": opened.headers["X-Auth-Token"]}
        )

        assert late.status == 401
        assert (await client.login()).status == 201


@pytest.mark.asyncio
async def test_wrong_logins_are_counted_and_lock_the_account_out() -> None:
    protocol = [{"lockout_attempts": 3}]
    async with rack_of(pdus=1, protocol=protocol) as rack, client_of(rack.bmcs[0]) as client:
        gate = rack.bmcs[0].front.gate  # type: ignore[union-attr]
        first = await client.login(password="wrong")
        assert gate.counters()["wrong_logins"] == 1
        for _ in range(2):
            await client.login(password="wrong")

        right = await client.get(CHASSIS)

        assert first.status == 401
        assert right.status == 401
        assert gate.locked
        assert (await client.login()).status == 401


@pytest.mark.asyncio
async def test_a_new_password_holds_at_once() -> None:
    account = "/redfish/v1/AccountService/Accounts/1"
    async with rack_of(pdus=1) as rack, client_of(rack.bmcs[0]) as client:
        changed = await client.ask("PATCH", account, json={"Password": "an0ther-one"})

        assert changed.status == 200
        assert changed.json["Password"] is None
        assert (await client.get(CHASSIS)).status == 401
        assert (await client.login(password="an0ther-one")).status == 201


@pytest.mark.asyncio
@pytest.mark.parametrize("body", [[], {"UserName": "x"}, {"UserName": 1, "Password": 2}])
async def test_a_login_without_name_and_password_is_a_bad_request(body: object) -> None:
    async with rack_of(pdus=1) as rack, client_of(rack.bmcs[0]) as client:
        answer = await client.ask("POST", SESSIONS, json=body, headers={})

        assert answer.status == 400
        assert rack.bmcs[0].front.gate.wrong_logins == 0  # type: ignore[union-attr]
