"""BMCs that answer wrongly: what was known stays, what is stale says so, the endpoint says why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.daemon import Daemon, configuration, eventually, running_daemon
from tests.support.emulators import EmulatedBmc, EmulatedFleet, emulated_fleet

pytestmark = pytest.mark.slow

LARGEST = 2**21


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A fault, what becomes stale by it, and what the endpoint then says."""

    bmc: str
    fault: dict[str, Any]
    stale: set[str]
    code: str
    says: str


CASES = (
    Case(
        bmc="huge",
        fault={"kind": "huge_body", "size": 2 * LARGEST, "path": "*/Systems/*"},
        stale={"device", "memory", "processor", "nic", "psu"},
        code="malformed",
        says="Systems/system: the answer is larger than",
    ),
    Case(
        bmc="deep",
        fault={"kind": "deep_json", "path": "*/Memory*"},
        stale={"memory"},
        code="malformed",
        says="Memory: the answer is no JSON: depth limit exceeded",
    ),
    Case(
        bmc="truncated",
        fault={"kind": "truncated_json", "path": "*/Processors*"},
        stale={"processor", "gpu"},
        code="malformed",
        says="Processors: the answer is no JSON: unexpected end of data",
    ),
    Case(
        bmc="malformed",
        fault={"kind": "malformed_json", "path": "*/EthernetInterfaces*"},
        stale={"port"},
        code="malformed",
        says="the answer is no JSON",
    ),
    Case(
        bmc="busy",
        fault={"kind": "unavailable", "retry_after_s": 1, "path": "*/Memory*"},
        stale={"memory"},
        code="busy",
        says="answered 503",
    ),
    Case(
        bmc="failing",
        fault={
            "kind": "unavailable",
            "status": 500,
            "retry_after_s": None,
            "path": "*/Systems/system",
        },
        stale={"device", "memory", "processor", "nic"},
        code="faulted",
        says="Systems/system: answered 500",
    ),
)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedFleet]:
    names = [*(case.bmc for case in CASES), "dangling", "resting", "rootless", "rebooting"]
    servers = [{"personality": "openbmc", "name": name} for name in names]
    with emulated_fleet({"servers": servers}, tmp_path_factory.mktemp("fleet")) as running:
        yield running


@pytest.fixture(scope="module")
def daemon(fleet: EmulatedFleet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon that has read the whole fleet in fair weather."""
    directory = tmp_path_factory.mktemp("daemon")
    settings = configuration(fleet, directory, inventory={"interval": "1h"})
    settings["redfish"] |= {"response_max_bytes": LARGEST, "retries": 1}
    with running_daemon(settings, directory) as running:
        eventually(lambda: list(running.reaches().values()) == ["up"] * len(fleet.bmcs))
        yield running


@pytest.fixture(autouse=True)
def fair_weather(fleet: EmulatedFleet) -> Iterator[None]:
    yield
    fleet.admin.faults()


def endpoint_of(daemon: Daemon, bmc: EmulatedBmc) -> dict[str, Any]:
    return next(one for one in daemon.items("/v1/endpoints") if one["address"] == bmc.url)


def devices_of(daemon: Daemon, bmc: EmulatedBmc) -> list[dict[str, Any]]:
    return daemon.items(f"/v1/devices?endpoint={endpoint_of(daemon, bmc)['id']}")


def device_of(daemon: Daemon, bmc: EmulatedBmc) -> dict[str, Any]:
    (device,) = devices_of(daemon, bmc)
    return device


def parts_of(daemon: Daemon, bmc: EmulatedBmc) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = daemon.get(device_of(daemon, bmc)["links"]["components"])["items"]
    return parts


def fresh(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is known of the parts, whether or not it was read the last time."""
    return [{**part, "stale": False} for part in parts]


def kinds(parts: list[dict[str, Any]]) -> set[str]:
    return {part["kind"] for part in parts}


def history_of(daemon: Daemon, bmc: EmulatedBmc) -> list[dict[str, Any]]:
    return daemon.items(f"/v1/devices/{device_of(daemon, bmc)['id']}/history")


def read_anew(daemon: Daemon, bmc: EmulatedBmc) -> dict[str, Any]:
    """Have it swept; the operation at its end."""
    begun = daemon.post(f"/v1/endpoints/{endpoint_of(daemon, bmc)['id']}/refresh")
    eventually(lambda: daemon.get(begun["links"]["self"])["finished_at"])
    ended: dict[str, Any] = daemon.get(begun["links"]["self"])
    return ended


@pytest.mark.parametrize("case", CASES, ids=[case.bmc for case in CASES])
def test_what_can_not_be_read_stays_known_and_stale_until_it_can(
    case: Case, fleet: EmulatedFleet, daemon: Daemon
) -> None:
    bmc = fleet.bmc(case.bmc)
    parts = parts_of(daemon, bmc)
    fleet.admin.faults({**case.fault, "bmc": bmc.name})

    ended = read_anew(daemon, bmc)
    device, endpoint = device_of(daemon, bmc), endpoint_of(daemon, bmc)
    kept = parts_of(daemon, bmc)
    fleet.admin.faults()
    read_anew(daemon, bmc)

    assert ended["state"] == "succeeded"
    assert device["state"] == "inventoried"
    assert set(device["stale"]) >= case.stale
    assert fresh(kept) == fresh(parts)
    assert {part["kind"] for part in kept if part["stale"]} == set(device["stale"]) & kinds(parts)
    assert endpoint["reach"] == "up"
    assert endpoint["error_code"] == case.code
    assert case.says in endpoint["error"]
    assert device_of(daemon, bmc)["stale"] == []
    assert endpoint_of(daemon, bmc)["error"] is None
    assert parts_of(daemon, bmc) == parts
    assert [entry["kind"] for entry in history_of(daemon, bmc)] == ["added"]


def test_links_that_lead_nowhere_take_nothing_away(fleet: EmulatedFleet, daemon: Daemon) -> None:
    bmc = fleet.bmc("dangling")
    parts = parts_of(daemon, bmc)
    fleet.admin.faults(
        *(
            {"kind": "dangling_link", "bmc": bmc.name, "path": path}
            for path in ("*/Memory", "*/Processors", "*/Chassis", "*/Systems", "*/Drives")
        )
    )

    read_anew(daemon, bmc)

    assert parts_of(daemon, bmc) == parts
    assert device_of(daemon, bmc)["stale"] == []
    assert [entry["kind"] for entry in history_of(daemon, bmc)] == ["added"]


def test_a_bmc_that_asks_for_time_is_read_when_it_has_passed(
    fleet: EmulatedFleet, daemon: Daemon
) -> None:
    bmc = fleet.bmc("resting")
    fleet.admin.faults(
        {
            "kind": "unavailable",
            "bmc": bmc.name,
            "path": "*/Memory*",
            "retry_after_s": 1,
            "times": 1,
        }
    )

    ended = read_anew(daemon, bmc)

    assert ended["state"] == "succeeded"
    assert device_of(daemon, bmc)["stale"] == []
    assert endpoint_of(daemon, bmc)["error"] is None


def test_a_service_root_that_leads_nowhere_loses_no_device(
    fleet: EmulatedFleet, daemon: Daemon
) -> None:
    bmc = fleet.bmc("rootless")
    parts = parts_of(daemon, bmc)
    fleet.admin.faults(
        {
            "kind": "overlay",
            "bmc": bmc.name,
            "path": "/redfish/v1*",
            "merge": {"Systems": None, "Managers": None, "Chassis": None},
        }
    )

    read_anew(daemon, bmc)
    device, endpoint = device_of(daemon, bmc), endpoint_of(daemon, bmc)
    kept = parts_of(daemon, bmc)
    fleet.admin.faults()
    read_anew(daemon, bmc)

    assert device["state"] == "unreachable"
    assert device["state_reason"] == "its BMC no longer reports it"
    assert kept == parts
    assert endpoint["error_code"] == "no-device"
    assert "leads to no system" in endpoint["error"]
    assert device_of(daemon, bmc)["id"] == device["id"]
    assert device_of(daemon, bmc)["state"] == "inventoried"
    assert endpoint_of(daemon, bmc)["error"] is None


def test_a_bmc_that_reboots_in_mid_sweep_is_read_again_unasked(
    fleet: EmulatedFleet, daemon: Daemon
) -> None:
    bmc = fleet.bmc("rebooting")
    parts = parts_of(daemon, bmc)
    fleet.admin.faults({"kind": "reboot", "bmc": bmc.name, "skip": 10, "down_s": 3})

    read_anew(daemon, bmc)
    device, endpoint = device_of(daemon, bmc), endpoint_of(daemon, bmc)
    kept = parts_of(daemon, bmc)
    # The first pause after a reading that lacks something is half a minute.
    eventually(lambda: device_of(daemon, bmc)["stale"] == [], timeout_s=60)

    assert "memory" in device["stale"]
    assert "could not be read" in endpoint["error"]
    assert fresh(kept) == fresh(parts)
    assert endpoint_of(daemon, bmc)["error"] is None
    assert parts_of(daemon, bmc) == parts
    assert [entry["kind"] for entry in history_of(daemon, bmc)] == ["added"]
    assert fleet.admin.counters(bmc.name)["wrong_logins"] == 0
