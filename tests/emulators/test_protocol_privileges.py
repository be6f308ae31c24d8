"""What an account's role lets it do (DSP8011's PrivilegeRegistry)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from tests.support.emulators import Client, client_of, rack_of

ACCOUNTS = "/redfish/v1/AccountService/Accounts"
SESSIONS = "/redfish/v1/SessionService/Sessions"
SYSTEM = "/redfish/v1/Systems/1"
MANAGER = "/redfish/v1/Managers/BMC"


def basic(name: str) -> dict[str, str]:
    return {"Authorization": aiohttp.encode_basic_auth(name, f"{name}-Secret.1")}


@asynccontextmanager
async def bmc_with_roles() -> AsyncIterator[Client]:
    """A BMC with an account of each lesser role, named as the role in lower case."""
    async with (
        rack_of(servers=[{"personality": "generic"}]) as rack,
        client_of(rack.bmcs[0]) as client,
    ):
        for role in ("Operator", "ReadOnly"):
            name = role.lower()
            body = {"UserName": name, "Password": f"{name}-Secret.1", "RoleId": role}
            assert (await client.ask("POST", ACCOUNTS, json=body)).status == 201
        yield client


@pytest.mark.parametrize(
    ("who", "path", "body", "allowed"),
    [
        ("operator", SYSTEM, {"AssetTag": "x"}, True),
        ("operator", MANAGER, {"DateTimeLocalOffset": "+01:00"}, False),
        ("operator", f"{ACCOUNTS}/1", {"Enabled": False}, False),
        ("readonly", SYSTEM, {"AssetTag": "x"}, False),
        ("readonly", f"{ACCOUNTS}/2", {"Password": "Another-one.1"}, False),
        ("readonly", f"{ACCOUNTS}/3", {"Password": "Another-one.1"}, True),
        ("readonly", f"{ACCOUNTS}/3", {"RoleId": "Administrator"}, False),
    ],
)
@pytest.mark.asyncio
async def test_a_role_changes_what_its_privileges_cover(
    who: str, path: str, body: dict[str, Any], *, allowed: bool
) -> None:
    async with bmc_with_roles() as client:
        answer = await client.ask("PATCH", path, json=body, headers=basic(who))

        assert (answer.status < 300) is allowed
        if not allowed:
            assert answer.status == 403
            assert "InsufficientPrivilege" in answer.body.decode()


@pytest.mark.asyncio
async def test_every_role_reads_and_ends_its_own_session_but_nobody_elses() -> None:
    async with bmc_with_roles() as client:
        mine = await client.ask(
            "POST",
            SESSIONS,
            json={"UserName": "readonly", "Password": "readonly-Secret.1"},
            headers={},
        )
        other = await client.login()
        token = {"X-Auth-Token": mine.headers["X-Auth-Token"]}

        assert (await client.ask("GET", SYSTEM, headers=token)).status == 200
        assert (await client.ask("DELETE", other.headers["Location"], headers=token)).status == 403
        assert (await client.ask("DELETE", mine.headers["Location"], headers=token)).status == 204


@pytest.mark.asyncio
async def test_a_login_says_that_the_password_must_be_changed() -> None:
    """DSP0266 "Password change required"."""
    rules = [{"password_change_required": True}]
    async with (
        rack_of(servers=[{"personality": "generic"}], protocol=rules) as rack,
        client_of(rack.bmcs[0]) as client,
    ):
        login = await client.login()

        told = login.json["@Message.ExtendedInfo"][0]
        assert login.status == 201
        assert told["MessageId"] == "Base.1.18.PasswordChangeRequired"
        assert told["MessageArgs"] == [f"{ACCOUNTS}/1"]
