"""What can go wrong in a data centre, and that nothing is lost, leaked or tried twice."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError

import pytest
import yaml

from tests.support.daemon import configuration, eventually, running_daemon
from tests.support.emulators import EmulatedFleet, emulated_fleet

pytestmark = pytest.mark.slow

SERVERS = ("dell", "hpe", "supermicro", "lenovo", "openbmc")


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[EmulatedFleet]:
    spec = {
        "servers": [{"personality": name} for name in SERVERS],
        "storage": 1,
        "switches": 1,
        "pdus": 1,
    }
    with emulated_fleet(spec, tmp_path) as running:
        yield running


def test_the_whole_fleet_is_read_and_every_session_closed_at_the_end(
    fleet: EmulatedFleet, tmp_path: Path
) -> None:
    with running_daemon(configuration(fleet, tmp_path), tmp_path) as daemon:
        eventually(lambda: set(daemon.reaches().values()) == {"up"})
        devices = daemon.items("/v1/devices")

        code = daemon.stop()

    assert code == 0
    assert sorted(one["kind"] for one in devices) == sorted(
        ["server"] * len(SERVERS) + ["storage", "switch", "pdu"]
    )
    assert {one["uuid"] for one in devices} >= {bmc.uuid for bmc in fleet.of_kind("server")}
    assert not any(fleet.admin.sessions().values())


def test_a_wrong_credential_is_tried_once_and_then_held(
    fleet: EmulatedFleet, tmp_path: Path
) -> None:
    settings = configuration(fleet, tmp_path, wrong=("server-001",))
    with running_daemon(settings, tmp_path) as daemon:
        address = fleet.bmc("server-001").url
        eventually(lambda: daemon.reaches().get(address) == "held")
        endpoint = next(e for e in daemon.items("/v1/endpoints") if e["address"] == address)
        with pytest.raises(HTTPError, match="HTTP Error 4"):
            daemon.post(f"/v1/endpoints/{endpoint['id']}/refresh")
        discovery = daemon.post("/v1/discoveries", {"targets": [address]})
        eventually(lambda: daemon.get(f"/v1/discoveries/{discovery['id']}")["state"] == "succeeded")
        daemon.stop()

    assert fleet.admin.counters("server-001")["wrong_logins"] == 1


def test_a_wrong_credential_stays_held_over_a_restart(fleet: EmulatedFleet, tmp_path: Path) -> None:
    settings = configuration(fleet, tmp_path, wrong=("server-001",))
    address = fleet.bmc("server-001").url
    for _ in range(2):
        with running_daemon(settings, tmp_path) as daemon:
            eventually(
                lambda: (
                    daemon.reaches().get(address) == "held"
                    and list(daemon.reaches().values()).count("up") == len(fleet.bmcs) - 1
                )
            )

    assert fleet.admin.counters("server-001")["wrong_logins"] == 1


def test_a_certificate_that_is_not_the_pinned_one_gets_no_password(
    fleet: EmulatedFleet, tmp_path: Path
) -> None:
    settings = configuration(fleet, tmp_path)
    settings["discovery"]["endpoints"][0]["fingerprint"] = "0" * 64
    address = fleet.bmcs[0].url
    with running_daemon(settings, tmp_path) as daemon:
        eventually(lambda: len(daemon.items("/v1/devices")) == len(fleet.bmcs) - 1)
        endpoint = next(e for e in daemon.items("/v1/endpoints") if e["address"] == address)

    assert endpoint["error_code"] == "certificate-rejected"
    assert f"{fleet.bmcs[0].fingerprint_sha256}, which is not pinned" in endpoint["error"]
    assert fleet.admin.counters(fleet.bmcs[0].name).get("logins", 0) == 0


def test_a_killed_daemon_converges_after_its_restart_without_a_duplicate(
    fleet: EmulatedFleet, tmp_path: Path
) -> None:
    settings = configuration(fleet, tmp_path)
    fleet.admin.faults({"kind": "latency", "ms": 60, "jitter_ms": 40})
    with running_daemon(settings, tmp_path) as daemon:
        eventually(lambda: sum(fleet.admin.counters(b.name)["requests"] for b in fleet.bmcs) > 60)
        daemon.process.send_signal(signal.SIGKILL)
        daemon.process.wait()
    fleet.admin.faults()

    with running_daemon(settings, tmp_path) as daemon:
        eventually(lambda: len(daemon.items("/v1/devices")) == len(fleet.bmcs))
        eventually(lambda: set(daemon.reaches().values()) == {"up"})
        serials = [one["serial"] for one in daemon.items("/v1/devices")]
        histories = [
            daemon.items(f"/v1/devices/{one['id']}/history") for one in daemon.items("/v1/devices")
        ]

    assert len(serials) == len(set(serials))
    assert all([entry["kind"] for entry in history] == ["added"] for history in histories)


def test_a_bmc_that_dies_in_the_middle_keeps_what_was_known_and_comes_back(
    fleet: EmulatedFleet, tmp_path: Path
) -> None:
    bmc = fleet.bmc("server-002")
    settings = configuration(
        fleet,
        tmp_path,
        inventory={"interval": 3600},
        redfish={"tls": {"trust": "pin"}, "retries": 0},
    )
    with running_daemon(settings, tmp_path) as daemon:
        eventually(lambda: set(daemon.reaches().values()) == {"up"})
        device = next(d for d in daemon.items("/v1/devices") if d["uuid"] == bmc.uuid)
        before = daemon.get(f"/v1/devices/{device['id']}/components")["items"]
        endpoint = next(e for e in daemon.items("/v1/endpoints") if e["address"] == bmc.url)

        fleet.admin.faults({"kind": "drop", "bmc": bmc.name, "when": "before_headers", "skip": 12})
        operation = daemon.post(f"/v1/endpoints/{endpoint['id']}/refresh")
        eventually(lambda: daemon.get(f"/v1/operations/{operation['id']}")["finished_at"])
        during = daemon.get(f"/v1/devices/{device['id']}/components")["items"]

        fleet.admin.faults()
        operation = daemon.post(f"/v1/endpoints/{endpoint['id']}/refresh")
        eventually(lambda: daemon.get(f"/v1/operations/{operation['id']}")["finished_at"])
        after = daemon.get(f"/v1/devices/{device['id']}/components")["items"]
        now = daemon.get(f"/v1/devices/{device['id']}")

    assert {(c["kind"], c["key"]) for c in during} == {(c["kind"], c["key"]) for c in before}
    assert after == before
    assert now["state"] == "inventoried"


def test_a_session_that_expires_is_renewed_and_nobody_notices(
    fleet: EmulatedFleet, tmp_path: Path
) -> None:
    with running_daemon(configuration(fleet, tmp_path), tmp_path) as daemon:
        eventually(lambda: set(daemon.reaches().values()) == {"up"})
        fleet.admin.forget_sessions()
        operations = [
            daemon.post(f"/v1/endpoints/{one['id']}/refresh")["id"]
            for one in daemon.items("/v1/endpoints")
        ]
        eventually(
            lambda: all(
                daemon.get(f"/v1/operations/{one}")["state"] == "succeeded" for one in operations
            )
        )

    assert all(fleet.admin.counters(bmc.name)["wrong_logins"] == 0 for bmc in fleet.bmcs)


def test_a_bad_configuration_is_refused_by_reload_and_the_old_one_stays(
    fleet: EmulatedFleet, tmp_path: Path
) -> None:
    settings = configuration(fleet, tmp_path)
    with running_daemon(settings, tmp_path) as daemon:
        eventually(lambda: set(daemon.reaches().values()) == {"up"})
        path = tmp_path / "fleetd.yaml"
        path.write_text(yaml.safe_dump({**settings, "no-such-section": {}}))

        daemon.process.send_signal(signal.SIGHUP)
        eventually(
            lambda: any(line.get("event") == "configuration_refused" for line in daemon.lines())
        )

        assert len(daemon.items("/v1/devices")) == len(fleet.bmcs)
        assert daemon.stop() == 0


def test_no_password_or_token_is_in_logs_answers_metrics_or_the_database(
    fleet: EmulatedFleet, tmp_path: Path
) -> None:
    settings = configuration(
        fleet, tmp_path, wrong=("server-003",), logging={"level": "debug", "format": "json"}
    )
    with running_daemon(settings, tmp_path) as daemon:
        eventually(lambda: list(daemon.reaches().values()).count("up") == len(fleet.bmcs) - 1)
        answers = [
            daemon.text(path)
            for path in ("/v1/endpoints", "/v1/devices", "/v1/discoveries", "/metrics")
        ]
        answers += [
            daemon.text(f"/v1/devices/{one['id']}/raw") for one in daemon.items("/v1/devices")
        ]
        command_line = Path(f"/proc/{daemon.process.pid}/cmdline").read_bytes()
        daemon.stop()
    kept = [path.read_bytes() for path in (tmp_path / "state").iterdir()]
    places = [daemon.log.read_bytes(), command_line, *kept, *(text.encode() for text in answers)]

    for bmc in fleet.bmcs:
        for secret in (bmc.password.encode(), f"not-{bmc.password}".encode()):
            assert not any(secret in place for place in places), bmc.name
