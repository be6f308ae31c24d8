"""What emulated servers refuse, and how they say so (DSP0266 'Error responses')."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetd_emulators.hardware import Personality
from fleetd_emulators.servers.actions import offered
from tests.support.servers import ALL, bmc

everywhere = pytest.mark.parametrize("personality", ALL)


@everywhere
@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST"])
@pytest.mark.asyncio
async def test_a_method_that_does_not_fit_tells_those_that_do(
    personality: Personality, method: str
) -> None:
    one = bmc(personality)

    answer = await one.ask(method, one.layout.system_path, {})

    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD, PATCH"
    assert answer.message_id == "OperationNotAllowed"


@everywhere
@pytest.mark.asyncio
async def test_an_action_is_not_for_reading(personality: Personality) -> None:
    one = bmc(personality)

    answer = await one.ask("GET", f"{one.layout.system_path}/Actions/ComputerSystem.Reset")

    assert (answer.status, answer.headers["allow"]) == (405, "POST")


@everywhere
@pytest.mark.asyncio
async def test_nothing_is_found_where_nothing_is(personality: Personality) -> None:
    one = bmc(personality)

    answer = await one.ask("GET", f"{one.layout.system_path}/Nowhere")

    assert (answer.status, answer.message_id) == (404, "ResourceMissingAtURI")


@everywhere
@pytest.mark.parametrize(
    ("body", "message_id"),
    [
        ({"Colour": "red"}, "PropertyUnknown"),
        ({"SerialNumber": "X"}, "PropertyNotWritable"),
        ({"Boot": "Pxe"}, "PropertyValueTypeError"),
        (
            {"Boot": {"BootSourceOverrideTarget": "Tape", "BootSourceOverrideMode": "UEFI"}},
            "PropertyValueNotInList",
        ),
        ({"Boot": {"Sideways": True}}, "PropertyUnknown"),
        ({"AssetTag": 5}, "PropertyValueTypeError"),
        ({}, "EmptyJSON"),
    ],
)
@pytest.mark.asyncio
async def test_a_wrong_change_of_the_system_changes_nothing(
    personality: Personality, body: Any, message_id: str
) -> None:
    one = bmc(personality)
    before = await one.system()

    place = one.boot_path if "Boot" in body else one.layout.system_path
    answer = await one.ask("PATCH", place, body)

    assert (answer.status, answer.message_id) == (400, message_id)
    assert await one.system() == before


@everywhere
@pytest.mark.parametrize(
    ("attributes", "message_id"),
    [({"Nonsense": "x"}, "PropertyUnknown"), ("all", "PropertyValueTypeError")],
)
@pytest.mark.asyncio
async def test_wrong_bios_settings_are_refused(
    personality: Personality, attributes: Any, message_id: str
) -> None:
    one = bmc(personality)

    answer = await one.ask("PATCH", one.layout.bios_settings_path, {"Attributes": attributes})

    assert (answer.status, answer.message_id) == (400, message_id)
    assert await one.pending() == {}


@pytest.mark.parametrize("personality", [p for p in ALL if p is not Personality.DELL])
@pytest.mark.asyncio
async def test_an_apply_time_is_refused_where_none_is_offered(personality: Personality) -> None:
    one = bmc(personality)
    name, value = next(iter(one.hardware.bios_attributes.items()))
    body = {
        "Attributes": {name: value},
        "@Redfish.SettingsApplyTime": {"ApplyTime": "OnReset"},
    }

    answer = await one.ask("PATCH", one.layout.bios_settings_path, body)

    assert (answer.status, answer.message_id) == (400, "PropertyUnknown")


@everywhere
@pytest.mark.parametrize(
    ("body", "message_id"),
    [
        ({}, "ActionParameterMissing"),
        ({"ResetType": "Explode"}, "ActionParameterNotSupported"),
        ({"ResetType": "On", "Hard": True}, "ActionParameterUnknown"),
        ({"ResetType": 1}, "PropertyValueTypeError"),
    ],
)
@pytest.mark.asyncio
async def test_a_wrong_reset_is_refused(
    personality: Personality, body: Any, message_id: str
) -> None:
    one = bmc(personality)
    target = f"{one.layout.system_path}/Actions/ComputerSystem.Reset"

    answer = await one.ask("POST", target, body)

    assert (answer.status, answer.message_id) == (400, message_id)
    assert (await one.system())["PowerState"] == "Off"


@everywhere
@pytest.mark.parametrize("body", [b"{", b"[1]", b"\xff"])
@pytest.mark.asyncio
async def test_a_body_that_is_no_json_object_is_refused(
    personality: Personality, body: bytes
) -> None:
    one = bmc(personality)

    answer = await one.ask("PATCH", one.layout.system_path, body)

    assert (answer.status, answer.message_id) == (400, "MalformedJSON")


@everywhere
@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 400), ({"Image": "boot.iso"}, 400), ({"Image": "http://a/b", "Speed": 1}, 400)],
)
@pytest.mark.asyncio
async def test_wrong_media_is_refused(personality: Personality, body: Any, status: int) -> None:
    one = bmc(personality)
    drive = f"{one.layout.media_path}/{one.layout.virtual_media[0][0]}"

    answer = await one.ask("POST", f"{drive}/Actions/VirtualMedia.InsertMedia", body)

    assert answer.status == status
    assert not (await one.get(drive))["Inserted"]


@pytest.mark.parametrize(
    "personality",
    [Personality.HPE, Personality.SUPERMICRO, Personality.LENOVO, Personality.GENERIC],
)
@pytest.mark.asyncio
async def test_an_etag_changes_with_the_resource_only(personality: Personality) -> None:
    one = bmc(personality)
    path = one.layout.system_path

    first = (await one.ask("GET", path)).headers["etag"]
    second = (await one.ask("GET", path)).headers["etag"]
    await one.ask("PATCH", path, {"AssetTag": "new"})
    third = await one.ask("GET", path)

    assert first == second != third.headers["etag"]
    assert third.body["@odata.etag"] == third.headers["etag"]


@pytest.mark.asyncio
async def test_a_controller_without_raid_makes_no_volumes() -> None:
    one = bmc(Personality.SUPERMICRO)
    path = f"{one.layout.system_path}/Storage/NVMeSSD/Volumes"

    answer = await one.ask("POST", path, {"RAIDType": "RAID0", "Links": {"Drives": []}})

    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"RAIDType": "RAID7"}, 400),
        ({"RAIDType": None}, 400),
        ({"RAIDType": "RAID5"}, 400),
        ({"CapacityBytes": 10**18}, 400),
        ({"Links": {"Drives": [{"@odata.id": "/redfish/v1/nowhere"}]}}, 400),
        ({"Colour": "red"}, 400),
    ],
)
@pytest.mark.asyncio
async def test_an_impossible_volume_is_refused(change: Any, status: int) -> None:
    one = bmc(Personality.LENOVO)
    path = f"{one.layout.system_path}/Storage/RAID_Slot4"
    drives = (await one.get(path))["Drives"]
    body = {"RAIDType": "RAID1", "Links": {"Drives": drives[2:4]}, **change}

    answer = await one.ask("POST", f"{path}/Volumes", body)

    assert answer.status == status
    assert (await one.get(f"{path}/Volumes"))["Members@odata.count"] == 1


TEXTS = st.sampled_from(
    ["Boot", "Attributes", "RAIDType", "Links", "Drives", "ResetType", "Image", "RAID1", "Once"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [
        *("Boot", "BootOrder", "BootSourceOverrideTarget", "HttpBootUri", "AssetTag", "DateTime"),
        *("Attributes", "SecureBootEnable", "RAIDType", "Links", "CapacityBytes", "Targets"),
        *("ResetType", "Image", "ImageURI", "@Redfish.SettingsApplyTime", "IndicatorLED"),
    ]
)
BODIES = st.dictionaries(NAMES, VALUES, max_size=4) | st.builds(
    lambda inner: {"Boot": inner}, st.dictionaries(NAMES, VALUES, max_size=4)
)


@settings(max_examples=25, deadline=None)
@given(body=BODIES, personality=st.sampled_from(ALL))
def test_no_body_upsets_a_bmc(body: dict[str, Any], personality: Personality) -> None:
    async def send() -> None:
        one = bmc(personality)
        machine = one.backend.machine
        targets = [("PATCH", path) for path in one.backend.writable]
        targets += [("POST", path) for path in offered(machine.documents)]
        targets += [("POST", p) for p in machine.documents if p.endswith("/Volumes")]
        for method, path in targets:
            answer = await one.ask(method, path, body)
            assert answer.status in {200, 201, 202, 204, 400, 403, 404, 405, 409, 412, 503}, (
                path,
                answer,
            )

    asyncio.run(send())
