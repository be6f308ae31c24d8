"""Accounts of emulated BMCs: a change changes who may log in, under each vendor's rules."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from tests.support.emulators import Answer, Client, client_of, rack_of

ACCOUNTS = "/redfish/v1/AccountService/Accounts"
GOOD = {"UserName": "fleet", "Password": "Str0ng+secret", "RoleId": "Operator"}


def message(answer: Answer) -> str:
    info = answer.json["error"]["@Message.ExtendedInfo"][0]
    return str(info["MessageId"]).rpartition(".")[2]


async def logs_in(client: Client, username: str, password: str) -> bool:
    body = {"UserName": username, "Password": password}
    path = "/redfish/v1/SessionService/Sessions"
    return (await client.ask("POST", path, json=body, headers={})).status == 201


async def patch(client: Client, path: str, body: Any, **headers: str) -> Answer:
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.ask("PATCH", path, json=body, headers={**client.basic, **more})


@pytest.mark.parametrize("personality", ["generic", "hpe", "supermicro", "openbmc"])
@pytest.mark.asyncio
async def test_a_posted_account_logs_in_until_it_is_deleted(personality: str) -> None:
    async with (
        rack_of(servers=[{"personality": personality}]) as rack,
        client_of(rack.bmcs[0]) as client,
    ):
        made = await client.ask("POST", ACCOUNTS, json=GOOD, headers=client.basic)
        path = made.headers["Location"]
        before = await logs_in(client, "fleet", "Str0ng+secret")
        changed = await patch(client, path, {"Password": "0ther+Secret"})
        old = await logs_in(client, "fleet", "Str0ng+secret")
        new = await logs_in(client, "fleet", "0ther+Secret")
        gone = await client.ask("DELETE", path, headers=client.basic)

        assert (made.status, before, changed.status) == (201, True, 200)
        assert (old, new, gone.status) == (False, True, 204)
        assert not await logs_in(client, "fleet", "0ther+Secret")
        assert b"Secret" not in made.body + changed.body


@pytest.mark.parametrize(
    ("personality", "reserved", "empty", "slots"),
    [("dell", "1", "3", 16), ("lenovo", None, "2", 12)],
)
@pytest.mark.asyncio
async def test_slots_are_filled_and_emptied_by_patch_alone(
    personality: str, reserved: str | None, empty: str, slots: int
) -> None:
    """Quirks DEL-009, DEL-010 and LEN-029."""
    async with (
        rack_of(servers=[{"personality": personality}]) as rack,
        client_of(rack.bmcs[0]) as client,
    ):
        slot, match = f"{ACCOUNTS}/{empty}", {"If_Match": "*"}
        shown = (await client.get(ACCOUNTS)).json["Members@odata.count"]
        posted = await client.ask("POST", ACCOUNTS, json=GOOD, headers=client.basic)
        half = await patch(client, slot, {"RoleId": "Operator"}, **match)
        filled = await patch(client, slot, GOOD, **match)
        inside = await logs_in(client, "fleet", "Str0ng+secret")
        emptied = await patch(client, slot, {"UserName": ""}, **match)

        assert (shown, posted.status) == (slots, 405)
        assert (half.status, message(half)) == (400, "PropertyMissing")
        assert (filled.status, inside, emptied.status) == (200, True, 200)
        assert (await client.get(slot)).json["UserName"] == ""
        assert not await logs_in(client, "fleet", "Str0ng+secret")
        if reserved is not None:
            refused = await patch(client, f"{ACCOUNTS}/{reserved}", GOOD)
            assert (refused.status, message(refused)) == (400, "PropertyNotWritable")


@pytest.mark.parametrize(
    ("personality", "change", "message_id"),
    [
        ("hpe", {"Password": "short"}, "PropertyValueFormatError"),
        ("supermicro", {"Password": "lowercase"}, "PropertyValueFormatError"),
        ("supermicro", {"UserName": "abc"}, "PropertyValueFormatError"),
        ("openbmc", {"UserName": "0digit"}, "PropertyValueFormatError"),
        ("openbmc", {"UserName": "root"}, "ResourceAlreadyExists"),
        ("generic", {"RoleId": "King"}, "PropertyValueNotInList"),
        ("generic", {"Password": 5}, "PropertyValueTypeError"),
        ("generic", {"Colour": "red"}, "PropertyUnknown"),
    ],
)
@pytest.mark.asyncio
async def test_an_account_against_the_rules_is_not_made(
    personality: str, change: dict[str, Any], message_id: str
) -> None:
    async with (
        rack_of(servers=[{"personality": personality}]) as rack,
        client_of(rack.bmcs[0]) as client,
    ):
        answer = await client.ask("POST", ACCOUNTS, json={**GOOD, **change}, headers=client.basic)

        assert (answer.status, message(answer)) == (400, message_id)
        assert (await client.get(ACCOUNTS)).json["Members@odata.count"] == 1


@pytest.mark.asyncio
async def test_openbmc_names_an_account_after_its_user() -> None:
    async with (
        rack_of(servers=[{"personality": "openbmc"}]) as rack,
        client_of(rack.bmcs[0]) as client,
    ):
        made = await client.ask("POST", ACCOUNTS, json=GOOD, headers=client.basic)

        assert made.headers["Location"] == f"{ACCOUNTS}/fleet"


@pytest.mark.asyncio
async def test_ilo_gives_privileges_one_by_one() -> None:
    body = {**GOOD, "Oem": {"Hpe": {"Privileges": {"LoginPriv": True, "VirtualMediaPriv": True}}}}
    async with rack_of(servers=[{"personality": "hpe"}]) as rack, client_of(rack.bmcs[0]) as client:
        made = await client.ask("POST", ACCOUNTS, json=body, headers=client.basic)

        privileges = made.json["Oem"]["Hpe"]["Privileges"]
        assert {name for name, given in privileges.items() if given} == {
            "LoginPriv",
            "VirtualMediaPriv",
        }


@pytest.mark.asyncio
async def test_the_last_administrator_stays() -> None:
    async with (
        rack_of(servers=[{"personality": "generic"}]) as rack,
        client_of(rack.bmcs[0]) as client,
    ):
        answer = await client.ask("DELETE", f"{ACCOUNTS}/1", headers=client.basic)

        assert (answer.status, message(answer)) == (400, "AccountRemoveFailed")


@pytest.mark.asyncio
async def test_a_factory_password_opens_nothing_but_its_own_account() -> None:
    """Quirks LEN-031 and NVD-018: everything answers 403 with the account's address."""
    protocol = [{"password_change_required": True}]
    async with (
        rack_of(servers=[{"personality": "generic"}], protocol=protocol) as rack,
        client_of(rack.bmcs[0]) as client,
    ):
        refused = await client.get("/redfish/v1/Systems")
        account = refused.json["error"]["@Message.ExtendedInfo"][0]["MessageArgs"][0]
        changed = await patch(client, account, {"Password": "my-0wn-one"})
        headers = {"Authorization": _basic(rack.bmcs[0].username, "my-0wn-one")}

        assert (refused.status, message(refused)) == (403, "PasswordChangeRequired")
        assert changed.status == 200
        assert (await client.ask("GET", "/redfish/v1/Systems", headers=headers)).status == 200


def _basic(username: str, password: str) -> str:
    return aiohttp.encode_basic_auth(username, password)


@pytest.mark.parametrize(
    ("personality", "body", "status"),
    [
        ("dell", {"AccountLockoutThreshold": 3}, 405),  # DEL-012
        ("lenovo", {"AccountLockoutDuration": 30}, 400),  # LEN-033
        ("lenovo", {"AccountLockoutDuration": 60}, 200),
        ("generic", {"AccountLockoutThreshold": 0}, 200),
        ("generic", {"AccountLockoutThreshold": "three"}, 400),
    ],
)
@pytest.mark.asyncio
async def test_the_lock_out_policy_is_changed_as_far_as_the_vendor_lets(
    personality: str, body: dict[str, Any], status: int
) -> None:
    async with (
        rack_of(servers=[{"personality": personality}]) as rack,
        client_of(rack.bmcs[0]) as client,
    ):
        answer = await patch(client, "/redfish/v1/AccountService", body, If_Match="*")

        assert answer.status == status
        if status == 200:
            assert body.items() <= answer.json.items()
