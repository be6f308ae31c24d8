from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from fleetd.domain.device import DeviceKind, Health, PowerState
from fleetd.domain.discovery import ProbeOutcome, RunState
from fleetd.domain.endpoint import Reach
from fleetd.domain.enrollment import Standing
from fleetd.domain.errors import StoreBusy
from fleetd.domain.lifecycle import State
from fleetd.domain.ports import FleetCount
from fleetd.telemetry.describe import render_markdown
from fleetd.telemetry.fleet import MAX_VENDORS, FleetSnapshot
from fleetd.telemetry.metrics import Metrics, Sweep

ROOT = Path(__file__).parents[2]


def count(
    devices: int = 1, *, vendor: str = "Dell", kind: DeviceKind = DeviceKind.SERVER
) -> FleetCount:
    return FleetCount(
        kind=kind,
        vendor=vendor,
        state=State.READY,
        health=Health.OK,
        power_state=PowerState.ON,
        devices=devices,
    )


async def samples(metrics: Metrics) -> dict[str, dict[tuple[str, ...], float]]:
    """Values by name and by label values, these in the order of the labels' names."""
    text, _ = await metrics.render()
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(text.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


def fleet_of(snapshot: FleetSnapshot, *, asked: list[int]) -> Metrics:
    async def supply() -> FleetSnapshot:
        asked.append(1)
        return snapshot

    metrics = Metrics(version="1.2.3", drivers=("dell", "generic"))
    metrics.supply_from(supply)
    return metrics


@pytest.mark.asyncio
async def test_devices_are_counted_by_what_is_closed() -> None:
    snapshot = FleetSnapshot(
        counts=(count(3), count(2, vendor="HPE"), count(1, kind=DeviceKind.PDU, vendor="APC")),
        endpoints={Reach.UP: 5, Reach.HELD: 1},
        enrollments={Standing.AVAILABLE: 4},
        sessions_open=7,
        breakers_open=2,
    )

    found = await samples(fleet_of(snapshot, asked=[]))

    assert found["fleetd_devices"] == {
        ("server", "ready", "Dell"): 3,
        ("server", "ready", "HPE"): 2,
        ("pdu", "ready", "APC"): 1,
    }
    assert found["fleetd_devices_health"]["OK", "server"] == 5
    assert found["fleetd_devices_health"]["Critical", "server"] == 0
    assert found["fleetd_devices_power"]["pdu", "On"] == 1
    assert found["fleetd_endpoints"] == {
        ("never-tried",): 0,
        ("up",): 5,
        ("down",): 0,
        ("no-credential",): 0,
        ("held",): 1,
    }
    assert found["fleetd_enrollments"][("available",)] == 4
    assert found["fleetd_redfish_sessions_open"] == {(): 7}
    assert found["fleetd_redfish_breakers_open"] == {(): 2}


@pytest.mark.asyncio
async def test_scrapes_close_together_share_one_look_at_the_store() -> None:
    asked: list[int] = []
    metrics = fleet_of(FleetSnapshot(), asked=asked)

    await asyncio.gather(*(metrics.render() for _ in range(5)))

    assert len(asked) == 1


@pytest.mark.asyncio
async def test_a_busy_store_costs_the_fleets_numbers_only() -> None:
    metrics = Metrics(version="1")
    metrics.probed(ProbeOutcome.REDFISH)

    async def busy() -> FleetSnapshot:
        raise StoreBusy("locked")

    metrics.supply_from(busy)

    found = await samples(metrics)

    assert found["fleetd_discovery_probes_total"][("redfish",)] == 1
    assert found["fleetd_endpoints"][("up",)] == 0


@pytest.mark.asyncio
async def test_rare_vendors_are_counted_together() -> None:
    vendors = [count(2, vendor=f"vendor-{number}") for number in range(MAX_VENDORS)]
    rare = [count(1, vendor=f"rare-{number}") for number in range(9)]

    found = await samples(fleet_of(FleetSnapshot(counts=(*vendors, *rare)), asked=[]))

    assert len(found["fleetd_devices"]) == MAX_VENDORS + 1
    assert found["fleetd_devices"]["server", "ready", "other"] == 9


@pytest.mark.asyncio
async def test_requests_are_counted_and_timed_by_driver() -> None:
    metrics = Metrics(version="1", drivers=("dell",))

    for outcome in ("ok", "ok", "busy"):
        metrics.requests.observe("dell", "GET", outcome, 0.2)

    found = await samples(metrics)
    assert found["fleetd_redfish_requests_total"] == {("dell", "GET"): 3}
    assert found["fleetd_redfish_request_errors_total"] == {("busy", "dell"): 1}
    assert found["fleetd_redfish_request_duration_seconds_count"] == {("dell",): 3}
    assert found["fleetd_redfish_request_duration_seconds_sum"][("dell",)] == pytest.approx(0.6)


@pytest.mark.asyncio
async def test_unknown_labels_do_not_make_new_series() -> None:
    metrics = Metrics(version="1", drivers=("dell",))

    for number in range(50):
        metrics.requests.observe(f"d{number}", f"M{number}", f"e{number}", 0.1)
        metrics.sweeps.swept(driver=f"d{number}", outcome=f"e{number}", seconds=1)

    found = await samples(metrics)
    assert found["fleetd_redfish_requests_total"] == {("other", "other"): 50}
    assert found["fleetd_redfish_request_errors_total"] == {("other", "other"): 50}
    assert found["fleetd_endpoint_sweeps_total"] == {("other", "other"): 50}


@pytest.mark.asyncio
async def test_a_sweeps_age_grows_from_its_end() -> None:
    metrics = Metrics(version="1", drivers=("dell",))

    metrics.sweeps.finished(Sweep.POLL, seconds=12.5)
    metrics.sweeps.swept(driver="dell", outcome="partial", seconds=3)

    found = await samples(metrics)
    assert found["fleetd_sweep_last_duration_seconds"] == {("poll",): 12.5, ("inventory",): 3}
    assert 0 <= found["fleetd_sweep_age_seconds"][("poll",)] < 60
    assert found["fleetd_endpoint_sweeps_total"] == {("dell", "partial"): 1}


@pytest.mark.asyncio
async def test_counters_of_closed_sets_show_before_their_first_event() -> None:
    metrics = Metrics(version="1")
    metrics.discovery_ended(RunState.FAILED, 1.5)
    metrics.reloaded("refused")

    found = await samples(metrics)

    assert found["fleetd_discovery_runs_total"][("failed",)] == 1
    assert found["fleetd_discovery_runs_total"][("succeeded",)] == 0
    assert found["fleetd_config_reloads_total"] == {("taken",): 0, ("refused",): 1}


@pytest.mark.asyncio
async def test_openmetrics_is_given_where_it_is_asked_for() -> None:
    metrics = Metrics(version="1")

    plain, plain_type = await metrics.render("text/html")
    text, open_type = await metrics.render("application/openmetrics-text; version=1.0.0")

    assert plain_type.startswith("text/plain; version=0.0.4")
    assert open_type.startswith("application/openmetrics-text; version=1.0.0")
    assert text.endswith(b"# EOF\n")
    assert not plain.endswith(b"# EOF\n")


@pytest.mark.asyncio
async def test_two_daemons_in_one_process_do_not_share_numbers() -> None:
    one, two = Metrics(version="1"), Metrics(version="1")

    one.probed(ProbeOutcome.FAILED)

    assert (await samples(two))["fleetd_discovery_probes_total"][("failed",)] == 0


@pytest.mark.asyncio
async def test_promtool_finds_nothing_to_say() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (Debian's package prometheus has it)")
    metrics = fleet_of(FleetSnapshot(counts=(count(),)), asked=[])
    metrics.requests.observe("dell", "GET", "busy", 0.2)
    metrics.sweeps.swept(driver="dell", outcome="ok", seconds=1)
    metrics.task_restarted("poll")
    text, _ = await metrics.render()

    process = await asyncio.create_subprocess_exec(
        promtool,
        "check",
        "metrics",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(text), timeout=30)

    assert (process.returncode, output) == (0, b"")


def test_the_page_on_metrics_is_what_the_code_says() -> None:
    page = (ROOT / "docs/metrics.md").read_text()

    assert page == render_markdown(), "run .venv/bin/python docs/generate.py"
