"""fleetctl's listings: tables for people, JSON and YAML for programs, all pages."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import yaml

from fleetd.domain.device import DeviceId
from tests.cli.conftest import Ctl
from tests.support.fakes import FakeFleet, a_device, fake_fleet


@pytest.mark.asyncio
async def test_devices_are_a_table_with_a_line_each(ctl: Ctl) -> None:
    result = await ctl("devices")

    lines = result.out.splitlines()
    assert (result.code, result.err) == (0, "")
    assert lines[0].split() == (
        [
            "ID",
            "KIND",
            "NAME",
            "MANUFACTURER",
            "MODEL",
            "SERIAL",
            "STATE",
            "HEALTH",
            "POWER",
            "SEEN",
        ]
    )
    assert [line.split()[0] for line in lines[1:]] == [f"dev-{n:04d}" for n in range(1, 15)]
    assert "\x1b" not in result.out


@pytest.mark.asyncio
async def test_json_and_yaml_hold_the_same_with_times_in_iso_8601(ctl: Ctl) -> None:
    as_json = json.loads((await ctl("devices", "-o", "json")).out)
    as_yaml = yaml.safe_load((await ctl("devices", "-o", "yaml")).out)

    assert as_json == as_yaml
    assert len(as_json) == 14
    assert as_json[0]["last_seen"] == "2026-11-24T11:58:00Z"


@pytest.mark.asyncio
async def test_filters_hold_together(ctl: Ctl) -> None:
    result = await ctl("devices", "--kind", "server", "--rack", "R3", "--state", "ready", "-ojson")

    ids = [item["id"] for item in json.loads(result.out)]
    assert ids == ["dev-0003", "dev-0007", "dev-0011"]


@pytest.mark.asyncio
async def test_the_parts_of_a_device_are_listed_and_shown_with_it(
    ctl: Ctl, fleet: FakeFleet
) -> None:
    blade = a_device(99)
    place = replace(blade.description.placement, slot="Bay 2")
    inside = replace(blade.description, placement=place)
    fleet.devices.by_id[blade.id] = replace(blade, part_of=DeviceId("dev-0001"), description=inside)

    listed = await ctl("devices", "--part-of", "sn0001", "-o", "json")
    shown = await ctl("device", "show", "dev-0001")

    assert [item["id"] for item in json.loads(listed.out)] == ["dev-0099"]
    assert "its devices (1)" in shown.out
    assert "Bay 2" in shown.out


@pytest.mark.asyncio
async def test_pages_are_followed_without_the_user_knowing(ctl: Ctl, fleet: FakeFleet) -> None:
    fleet.devices.by_id = {item.id: item for item in map(a_device, range(1, 1202))}

    result = await ctl("devices", "-o", "json")

    assert [item["id"] for item in json.loads(result.out)] == sorted(fleet.devices.by_id)


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["dev-0007", "server-0007", "SN0007", "sn0007"])
async def test_a_device_is_found_by_id_name_and_serial(ctl: Ctl, name: str) -> None:
    result = await ctl("device", "show", name, "-o", "json")

    device = json.loads(result.out)
    assert device["id"] == "dev-0007"
    assert len(device["components"]) == 4
    assert "history" not in device


@pytest.mark.asyncio
async def test_a_shown_device_has_its_components_in_groups(ctl: Ctl) -> None:
    result = await ctl("device", "show", "dev-0001", "--history")

    groups = [line for line in result.out.splitlines() if line.endswith(")") and " (" in line]
    assert {"memory (2)", "port (1)", "processor (1)"} <= set(groups)
    assert "capacity_bytes=64GiB" in result.out
    assert "(2026-11-24 11:58:00Z)" in result.out
    assert "AdminPassword" in result.out
    assert "hunter2" not in result.out


@pytest.mark.asyncio
async def test_raw_documents_are_shown_by_path(ctl: Ctl) -> None:
    result = await ctl("device", "show", "dev-0001", "--raw")

    assert json.loads(result.out)["/redfish/v1/Systems/1"]["UserName"] == "root"


@pytest.mark.asyncio
async def test_a_name_that_several_have_is_asked_back(ctl: Ctl, fleet: FakeFleet) -> None:
    for device in list(fleet.devices.by_id.values())[:2]:
        twin = replace(device, description=replace(device.description, name="twin"))
        fleet.devices.by_id[device.id] = twin

    result = await ctl("device", "show", "twin")

    assert result.code == 2
    assert "dev-0001, dev-0002" in result.err


@pytest.mark.asyncio
async def test_what_a_bmc_wrote_can_not_steer_the_terminal(ctl: Ctl, fleet: FakeFleet) -> None:
    device = a_device(1)
    odd = replace(device.description, name="[red]x[/red]\x1b]0;owned\x07\n:smile:")
    fleet.devices.by_id = {device.id: replace(device, description=odd)}

    result = await ctl("devices")

    assert "[red]x[/red] ]0;owned  :smile:" in result.out
    assert "\x1b" not in result.out
    assert len(result.out.splitlines()) == 2


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["endpoints"], "https://10.0.0.2:8001"),
        (["enrollments"], "available"),
        (["enrollments", "--standing", "held"], "dev-0005"),
        (["manifest"], "missing"),
        (["metrics"], "fleetd_up 1.0"),
        (["version"], "fleetctl"),
        (["--version"], "fleetctl"),
        (["--help"], "FLEETD_TOKEN"),
    ],
)
async def test_every_other_reading_command_says_what_it_should(
    ctl: Ctl, arguments: list[str], word: str
) -> None:
    result = await ctl(*arguments)

    assert (result.code, result.err) == (0, "")
    assert word in result.out


@pytest.mark.asyncio
async def test_a_shell_gets_its_completion(ctl: Ctl) -> None:
    result = await ctl(_FLEETCTL_COMPLETE="source_bash")

    assert (result.code, result.err) == (0, "")
    assert "complete_bash" in result.out


@pytest.mark.asyncio
async def test_completion_offers_commands(ctl: Ctl) -> None:
    variables = {
        "_FLEETCTL_COMPLETE": "complete_bash",
        "COMP_WORDS": "fleetctl dev",
        "COMP_CWORD": "1",
    }
    result = await ctl(**variables)

    assert result.out.split() == ["devices", "device"]


def test_the_fleet_of_the_fakes_has_what_these_tests_read() -> None:
    assert len(fake_fleet().devices.by_id) == 14
