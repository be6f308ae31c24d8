"""Captured trees served as they are: bytes, statuses, spellings, logins, and nothing outside."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from fleetd_emulators.main import main
from fleetd_emulators.mockups.serve import Access, Mockup, Wish, running_mockups
from fleetd_emulators.mockups.status import status_of
from fleetd_emulators.mockups.tree import BadTree, find_trees

V1 = "redfish/v1"
ACCOUNT = Access(username="reader", password="Sesame-1")


def written(directory: Path, bodies: Mapping[str, Any]) -> Path:
    for path, body in bodies.items():
        folder = directory / path
        folder.mkdir(parents=True, exist_ok=True)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        (folder / "index.json").write_bytes(content)
    return directory


@asynccontextmanager
async def served(
    directory: Path, wish: Wish | None = None
) -> AsyncIterator[tuple[aiohttp.ClientSession, Mockup]]:
    async with (
        running_mockups(find_trees([directory]), wish or Wish()) as mockups,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=False)) as client,
    ):
        yield client, mockups[0]


async def asked(
    client: aiohttp.ClientSession, mockup: Mockup, path: str, method: str = "GET", **options: Any
) -> tuple[int, bytes]:
    url = URL(f"{mockup.url}{path}", encoded=True)
    async with client.request(method, url, **options) as answer:
        return answer.status, await answer.read()


@pytest.mark.asyncio
async def test_a_body_is_served_byte_for_byte(tmp_path: Path) -> None:
    odd = b'{ "Name":"\\u00e9" , "Name" : 1.50,\n"x": null }  '
    tree = written(tmp_path / "one", {V1: {}, f"{V1}/Odd": odd, f"{V1}/Cut": b'{"a": [1,'})

    async with served(tree) as (client, mockup):
        assert await asked(client, mockup, "/redfish/v1/Odd") == (200, odd)
        assert await asked(client, mockup, "/redfish/v1/Cut") == (200, b'{"a": [1,')
        assert await asked(client, mockup, "/redfish/v1/None") != (200, odd)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "path",
    [
        "/redfish/v1/Fans/0x17||Fan.1",
        "/redfish/v1/Fans/0x17%7C%7CFan.1",
        "/redfish/v1/Fans/0x17||Fan.1/",
        "/redfish/v1//Fans/0x17||Fan.1",
        "/REDFISH/v1/fans/0X17||fan.1",
        "/redfish/v1/Fans/0x17||Fan.1?x=1",
    ],
)
async def test_a_path_is_known_in_every_spelling_that_links_have(path: str, tmp_path: Path) -> None:
    tree = written(tmp_path / "one", {V1: {}, f"{V1}/Fans/0x17||Fan.1": {"Name": "it"}})

    async with served(tree) as (client, mockup):
        status, body = await asked(client, mockup, path)

    assert (status, json.loads(body)) == (200, {"Name": "it"})


@pytest.mark.asyncio
async def test_an_escaped_folder_and_a_page_are_found(tmp_path: Path) -> None:
    page = {"Members": [{"@odata.id": "/redfish/v1/Logs/2"}]}
    first = {**page, "Members@odata.nextLink": "/redfish/v1/Logs?$skip=1"}
    tree = written(
        tmp_path / "one",
        {V1: {}, f"{V1}/Logs": first, f"{V1}/Logs?$skip=1": page, f"{V1}/a%20b": {"Name": "it"}},
    )

    async with served(tree) as (client, mockup):
        for path in ("/redfish/v1/Logs?$skip=1", "/redfish/v1/Logs?%24skip=1"):
            status, body = await asked(client, mockup, path)
            assert (status, json.loads(body)) == (200, page)
        assert (await asked(client, mockup, "/redfish/v1/a%20b"))[0] == 200
        # What is on a page that wasn't captured is unknown.
        assert (await asked(client, mockup, "/redfish/v1/Logs?$skip=2"))[0] == 404


@pytest.mark.asyncio
async def test_expand_is_answered_as_the_captured_root_promises(tmp_path: Path) -> None:
    member = {"@odata.id": "/redfish/v1/Systems/1", "Name": "it"}
    systems = {"Members": [{"@odata.id": "/redfish/v1/Systems/1"}, {"@odata.id": 7}]}
    able = {"ProtocolFeaturesSupported": {"ExpandQuery": {"NoLinks": True, "MaxLevels": "?"}}}
    bodies = {f"{V1}/Systems": systems, f"{V1}/Systems/1": member}
    written(tmp_path / "able", {V1: able, **bodies})
    written(tmp_path / "unable", {V1: {}, **bodies})

    async with served(tmp_path / "able") as (client, mockup):
        status, body = await asked(client, mockup, "/redfish/v1/Systems?$expand=.")
        assert (status, json.loads(body)["Members"]) == (200, [member, {"@odata.id": 7}])
    async with served(tmp_path / "unable") as (client, mockup):
        assert (await asked(client, mockup, "/redfish/v1/Systems?$expand=."))[0] == 501


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"error": {"@Message.ExtendedInfo": [{"MessageId": "Base.1.15.InternalError"}]}}, 500),
        ({"error": {"@Message.ExtendedInfo": {"MessageId": "Base.1.0.ResourceNotFound"}}}, 404),
        ({"error": {"code": "Base.1.0.InsufficientPrivilege"}}, 403),
        ({"error": {"@Message.ExtendedInfo": [{"MessageId": "IDRAC.2.8.LIC501"}]}}, 403),
        ({"error": {"code": "Base.1.8.GeneralError"}}, 400),
        ({"error": "?"}, 400),
        ({"error": {}, "@odata.id": "/redfish/v1/Systems/1"}, 200),
        ({"Name": '"error"'}, 200),
        (b"Not Found", 404),
        (b'"Unauthorized".', 401),
        (b"[1]", 200),
        (b'{"error": ', 200),
        (b"", 200),
    ],
)
def test_the_status_of_a_body_is_deduced_from_it(body: Any, status: int) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    assert status_of(content) == status


@pytest.mark.asyncio
async def test_nothing_outside_the_tree_is_served(tmp_path: Path) -> None:
    secret = written(tmp_path / "secret", {"": {"Name": "secret"}})
    tree = written(tmp_path / "one", {V1: {}, f"{V1}/Systems": {}})
    (tree / V1 / "Linked").mkdir()
    (tree / V1 / "Linked" / "index.json").symlink_to(secret / "index.json")
    (tree / V1 / "Folder").symlink_to(secret)

    async with served(tree) as (client, mockup):
        for path in (
            "/redfish/v1/Linked",
            "/redfish/v1/Folder",
            "/redfish/v1/../../../secret",
            "/redfish/v1/%2e%2e/%2e%2e/%2e%2e/secret",
            "/../secret",
        ):
            status, body = await asked(client, mockup, path)
            assert (status, b"secret" in body and b"Name" in body) == (404, False), path


@pytest.mark.asyncio
async def test_what_is_no_file_is_not_there(tmp_path: Path) -> None:
    tree = written(tmp_path / "one", {V1: {}})
    for name in ("Dangling", "Pipe"):
        (tree / V1 / name).mkdir()
    (tree / V1 / "Dangling" / "index.json").symlink_to("nowhere")
    os.mkfifo(tree / V1 / "Pipe" / "index.json")

    async with served(tree) as (client, mockup):
        for name in ("Dangling", "Pipe"):
            assert (await asked(client, mockup, f"/redfish/v1/{name}"))[0] == 404


@pytest.mark.asyncio
async def test_a_tree_is_read_only(tmp_path: Path) -> None:
    tree = written(tmp_path / "one", {V1: {}, f"{V1}/Systems": {"Name": "it"}})

    async with served(tree) as (client, mockup):
        for method in ("POST", "PATCH", "PUT", "DELETE"):
            assert (await asked(client, mockup, "/redfish/v1/Systems", method))[0] == 405
        assert (await asked(client, mockup, "/redfish/v1/None", "PATCH"))[0] == 404
        assert await asked(client, mockup, "/redfish/v1/Systems", "HEAD") == (200, b"")


@pytest.mark.asyncio
async def test_anybody_may_log_in_to_an_open_tree(tmp_path: Path) -> None:
    tree = written(tmp_path / "one", {V1: {"Links": {"Sessions": {"@odata.id": "/redfish/v1/In"}}}})
    login = {"UserName": "any", "Password": "thing"}

    async with served(tree) as (client, mockup):
        async with client.post(f"{mockup.url}/redfish/v1/In", json=login) as answer:
            assert answer.status == 201
            session = answer.headers["Location"]
        assert (await asked(client, mockup, session, "DELETE"))[0] == 204


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "access", [replace(ACCOUNT, sessions=False), replace(ACCOUNT, basic=False)]
)
async def test_a_closed_tree_takes_its_account_in_the_ways_that_it_offers(
    access: Access, tmp_path: Path
) -> None:
    tree = written(tmp_path / "one", {V1: {"Name": "root"}, f"{V1}/Systems": {"Name": "it"}})
    good = {"UserName": "reader", "Password": "Sesame-1"}

    async with served(tree, Wish(access=access)) as (client, mockup):
        assert (await asked(client, mockup, "/redfish/v1/"))[0] == 200
        assert (await asked(client, mockup, "/redfish/v1/Systems"))[0] == 401
        proof = base64.b64encode(b"reader:Sesame-1").decode()
        header = {"Authorization": f"Basic {proof}"}
        status, _ = await asked(client, mockup, "/redfish/v1/Systems", headers=header)
        assert status == (200 if access.basic else 401)
        place = f"{mockup.url}/redfish/v1/SessionService/Sessions"
        async with client.post(place, json={**good, "Password": "wrong"}) as answer:
            assert answer.status == 401
        async with client.post(place, json=good) as answer:
            assert answer.status == (201 if access.sessions else 401)
            token = answer.headers.get("X-Auth-Token", "")
        header = {"X-Auth-Token": token}
        status, _ = await asked(client, mockup, "/redfish/v1/Systems", headers=header)
        assert status == (200 if access.sessions else 401)


@pytest.mark.asyncio
async def test_a_tree_is_served_over_tls(tmp_path: Path) -> None:
    tree = written(tmp_path / "one", {V1: {"Name": "root"}})

    async with served(tree, Wish(tls=True)) as (client, mockup):
        assert mockup.url.startswith("https://")
        pin = aiohttp.Fingerprint(bytes.fromhex(mockup.fingerprint_sha256 or ""))
        assert (await asked(client, mockup, "/redfish/v1", ssl=pin))[0] == 200


def test_a_folder_is_a_tree_or_holds_trees(tmp_path: Path) -> None:
    written(tmp_path / "trees" / "long", {V1: {}, f"{V1}/Systems": {}})
    written(tmp_path / "trees" / "short", {"": {}, "Systems": {}})
    written(tmp_path / "trees" / "notes" / "deep", {"x": {}})
    written(tmp_path / "again" / "long", {V1: {}})

    trees = find_trees([tmp_path / "trees", tmp_path / "again" / "long"])

    assert [tree.name for tree in trees] == ["long", "short", "long-2"]
    assert all(tree.find("/redfish/v1/Systems") for tree in trees[:2])
    with pytest.raises(BadTree):
        find_trees([tmp_path / "trees" / "notes"])


@pytest.mark.parametrize(
    "arguments",
    [
        ["nowhere"],
        ["tree", "--listen", "127.0.0.1:x"],
        ["tree", "--listen", "127.0.0.1:99999"],
        ["tree", "tree", "--listen", "127.0.0.1:65535"],
        ["tree", "--basic"],
        ["tree", "--password-file", "empty"],
        ["tree", "--session", "--password-file", "empty"],
        ["tree", "--session", "--password-file", "nowhere"],
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path / "tree", {V1: {}})
    (tmp_path / "empty").write_text("\n")
    names = {"nowhere", "tree", "empty"}

    code = main(["mockup", *(str(tmp_path / one) if one in names else one for one in arguments)])

    assert code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
