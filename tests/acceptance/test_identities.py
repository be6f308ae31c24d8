"""Which machine is it: duplicates, placeholders, two addresses, moves, swaps and replacements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.daemon import Daemon, configuration, eventually, running_daemon
from tests.support.emulators import EmulatedBmc, EmulatedFleet, emulated_fleet

pytestmark = pytest.mark.slow

SYSTEM = "*/Systems/system"
SAME = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[EmulatedFleet]:
    names = ("one", "two", "three")
    servers = [{"personality": "openbmc", "name": name} for name in names]
    with emulated_fleet({"servers": servers}, tmp_path) as running:
        yield running


def overlay(bmc: str, path: str = SYSTEM, **merge: Any) -> dict[str, Any]:
    return {"kind": "overlay", "bmc": bmc, "path": path, "merge": merge}


def read_anew(daemon: Daemon, *bmcs: EmulatedBmc) -> None:
    """Have these swept, one after another, and wait for the end of each."""
    for bmc in bmcs:
        endpoint = next(one for one in daemon.items("/v1/endpoints") if one["address"] == bmc.url)
        begun = daemon.post(f"{endpoint['links']['self']}/refresh")
        await_end(daemon, begun)


def await_end(daemon: Daemon, operation: dict[str, Any]) -> dict[str, Any]:
    eventually(lambda: daemon.get(operation["links"]["self"])["finished_at"])
    ended: dict[str, Any] = daemon.get(operation["links"]["self"])
    return ended


def reading(fleet: EmulatedFleet, directory: Path, *bmcs: str, **sections: Any) -> dict[str, Any]:
    """A configuration that knows these BMCs only, and sweeps when asked."""
    settings = configuration(
        fleet, directory, inventory={"interval": "1h", "poll_interval": "1h"}, **sections
    )
    urls = {fleet.bmc(name).url for name in bmcs}
    endpoints = settings["discovery"]["endpoints"]
    settings["discovery"]["endpoints"] = [one for one in endpoints if one["address"] in urls]
    return settings


def all_up(daemon: Daemon, count: int) -> bool:
    return list(daemon.reaches().values()) == ["up"] * count


def devices(daemon: Daemon) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in daemon.items("/v1/devices")}


def history(daemon: Daemon, device: str) -> list[tuple[str, str]]:
    """Kind and field of each entry, the oldest first."""
    entries = daemon.items(f"/v1/devices/{device}/history")
    return [(entry["kind"], entry["field"]) for entry in reversed(entries)]


def test_one_uuid_and_placeholder_serials_are_machines_of_their_own_and_stay_so(
    fleet: EmulatedFleet, tmp_path: Path
) -> None:
    placeholders = ("To be filled by O.E.M.", "0123456789", "")
    fleet.admin.faults(
        *(
            overlay(bmc.name, UUID=SAME, SerialNumber=serial)
            for bmc, serial in zip(fleet.bmcs, placeholders, strict=True)
        ),
        overlay("*", "*/Chassis/chassis", SerialNumber="0000000000"),
    )
    with running_daemon(reading(fleet, tmp_path, "one", "two", "three"), tmp_path) as daemon:
        eventually(lambda: all_up(daemon, 3))
        before = devices(daemon)
        for _ in range(2):
            read_anew(daemon, *fleet.bmcs)
        after = devices(daemon)
        histories = [history(daemon, one) for one in after]

    assert len(before) == 3
    assert before.keys() == after.keys()
    assert {one["serial"] for one in after.values()} == {None}
    assert len({one["links"]["endpoint"] for one in after.values()}) == 3
    assert histories == [[("added", "")]] * 3


def test_a_bmc_under_two_addresses_is_one_device_that_does_not_flap(
    fleet: EmulatedFleet, tmp_path: Path
) -> None:
    one = fleet.bmc("one")
    again = replace(one, url=f"https://[::ffff:{one.address}]:{one.port}")
    with running_daemon(reading(fleet, tmp_path, "one", "two"), tmp_path) as daemon:
        eventually(lambda: all_up(daemon, 2))
        before = devices(daemon)
        added = daemon.post(
            "/v1/endpoints",
            {"address": again.url, "credential": "one", "fingerprint": one.fingerprint_sha256},
        )
        again = replace(again, url=added["address"])
        eventually(lambda: all_up(daemon, 3))
        for _ in range(3):
            read_anew(daemon, one, again)
        after = devices(daemon)
        histories = [history(daemon, device) for device in after]
        told = {e["address"]: e["error_code"] for e in daemon.items("/v1/endpoints")}

    assert told == {one.url: None, again.url: "second-address", fleet.bmc("two").url: None}
    assert before.keys() == after.keys()
    assert [d["links"] for d in after.values()] == [d["links"] for d in before.values()]
    assert histories == [[("added", "")]] * 2


def test_a_machine_at_a_new_address_is_the_same_device_and_moves_once(
    fleet: EmulatedFleet, tmp_path: Path
) -> None:
    """Its BMC falls silent at one address, and answers at another with all that it was."""
    one, two, _ = fleet.bmcs
    settings = reading(fleet, tmp_path, "one", redfish={"retries": 0, "tls": {"trust": "pin"}})
    with running_daemon(settings, tmp_path) as daemon:
        eventually(lambda: all_up(daemon, 1))
        (device,) = devices(daemon)
        was = devices(daemon)[device]
        fleet.admin.faults(
            overlay("two", UUID=one.uuid, SerialNumber=was["serial"]),
        )
        fleet.admin.down("one")
        read_anew(daemon, one)
        silent = devices(daemon)[device]
        daemon.post(
            "/v1/endpoints",
            {"address": two.url, "credential": "two", "fingerprint": two.fingerprint_sha256},
        )
        eventually(lambda: daemon.reaches()[two.url] == "up")
        read_anew(daemon, two)
        now = devices(daemon)
        told = history(daemon, device)

    assert silent["state"] == "unreachable"
    assert list(now) == [device]
    assert now[device]["state"] == "inventoried"
    assert now[device]["links"]["endpoint"] != was["links"]["endpoint"]
    assert [entry for entry in told if entry[0] == "moved"] == [("moved", "endpoint_id")]


def test_a_swapped_board_and_a_replaced_machine_are_told_apart(
    fleet: EmulatedFleet, tmp_path: Path
) -> None:
    one, two, three = fleet.bmcs
    board = {"UUID": "99999999-2222-4333-8444-555555555555"}
    mac = {"MACAddress": "b4:05:5d:aa:bb:09", "PermanentMACAddress": "b4:05:5d:aa:bb:09"}
    with running_daemon(reading(fleet, tmp_path, "one", "two", "three"), tmp_path) as daemon:
        eventually(lambda: all_up(daemon, 3))
        by_uuid = {one["uuid"]: one for one in devices(daemon).values()}
        kept, gone, other = (by_uuid[bmc.uuid] for bmc in (one, two, three))
        fleet.admin.faults(
            overlay("one", **board),
            overlay("one", "*EthernetInterfaces/*", **mac),
            overlay("two", UUID=SAME, SerialNumber="NEWCOMER1"),
            overlay("two", "*/Chassis/*", SerialNumber="NEWCOMER1"),
            overlay("two", "*EthernetInterfaces/*", MACAddress="b4:05:5d:aa:bb:08"),
        )
        for _ in range(2):
            read_anew(daemon, one, two, three)
        after = devices(daemon)
        (newcomer,) = after.keys() - {kept["id"], gone["id"], other["id"]}
        told = {device: history(daemon, device) for device in after}

    assert after[kept["id"]]["uuid"] == board["UUID"]
    assert told[kept["id"]].count(("replaced", "board")) == 1
    assert after[kept["id"]]["state"] == "inventoried"
    assert after[gone["id"]]["state"] == "unreachable"
    assert newcomer in after[gone["id"]]["state_reason"]
    assert told[gone["id"]].count(("replaced", "device")) == 1
    assert after[newcomer]["serial"] == "NEWCOMER1"
    assert told[newcomer] == [("added", "")]
    assert told[other["id"]] == [("added", "")]


def test_an_endpoint_removed_while_it_is_swept_does_not_come_back(
    fleet: EmulatedFleet, tmp_path: Path
) -> None:
    one = fleet.bmc("one")
    with running_daemon(reading(fleet, tmp_path, "one", "two"), tmp_path) as daemon:
        eventually(lambda: all_up(daemon, 2))
        device = next(d for d in devices(daemon).values() if d["uuid"] == one.uuid)
        fleet.admin.faults({"kind": "latency", "bmc": "one", "ms": 50})
        fleet.admin.reset_counters()
        begun = daemon.post(f"{device['links']['endpoint']}/refresh")
        eventually(lambda: fleet.admin.counters("one")["requests"] > 5)

        daemon.delete(device["links"]["endpoint"])
        ended = await_end(daemon, begun)
        left = daemon.reaches()
        after = devices(daemon)[device["id"]]
        eventually(lambda: not fleet.admin.sessions().get("one"))

    assert ended["state"] == "failed"
    assert list(left) == [fleet.bmc("two").url]
    assert after["state"] == "retired"
    assert not any(fleet.admin.sessions().values())


def test_blades_of_an_enclosure_are_part_of_it_and_followed_from_bay_to_bay(tmp_path: Path) -> None:
    with emulated_fleet({"enclosures": 1}, tmp_path) as fleet:
        (bmc,) = fleet.bmcs
        with running_daemon(reading(fleet, tmp_path, bmc.name), tmp_path) as daemon:
            eventually(lambda: all_up(daemon, 1))
            before = {one["serial"]: one for one in devices(daemon).values()}
            chassis = before[bmc.serial]
            for incident in ("swap-1-2", "move-3-8", "pull-4"):
                fleet.admin.incident(bmc.name, incident)
            read_anew(daemon, bmc)
            after = {one["serial"]: one for one in devices(daemon).values()}
            parts = daemon.items(chassis["links"]["parts"])
            told = {one: history(daemon, after[one]["id"]) for one in after}

    blades = sorted(before.keys() - {bmc.serial})
    slots = {one["serial"]: one["placement"]["slot"] for one in parts}
    first, second, third, pulled = blades
    assert {one["kind"] for one in before.values()} == {"chassis", "server"}
    assert {before[one]["part_of"] for one in blades} == {chassis["id"]}
    assert slots == {first: "Bay 2", second: "Bay 1", third: "Bay 8"}
    assert {one: after[one]["id"] for one in after} == {one: before[one]["id"] for one in before}
    for blade in (first, second, third):
        assert told[blade] == [("added", ""), ("moved", "slot")]
    assert (after[pulled]["state"], after[pulled]["part_of"]) == ("unreachable", None)
    assert after[chassis["serial"]]["state"] == "inventoried"
