"""Servers enrolled by the whole daemon into a real Ironic, and what goes wrong on the way."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from fleetd_emulators.lab import IronicEndpoint
from tests.support.daemon import Daemon, eventually, running_daemon
from tests.support.emulators import EmulatedBmc, EmulatedFleet, emulated_fleet
from tests.support.enrolling import (
    Cloud,
    await_end,
    await_standing,
    device_at,
    enrolling,
    patiently,
    some_servers,
    standing_of,
    standings,
)
from tests.support.ironic import IronicProxy

pytestmark = [pytest.mark.lab, pytest.mark.slow, pytest.mark.timeout(300)]

FleetOf = Callable[..., EmulatedFleet]


@pytest.fixture
def fleet_of(tmp_path: Path) -> Iterator[FleetOf]:
    """Runs a fleet with these servers until the test's end."""
    with ExitStack() as stack:
        yield lambda *servers: stack.enter_context(emulated_fleet(some_servers(*servers), tmp_path))


class Site:
    """A fleet, the Ironic before which a proxy stands, and daemons on one state."""

    def __init__(
        self, fleet: EmulatedFleet, directory: Path, proxy: IronicProxy, ironic: IronicEndpoint
    ) -> None:
        self.fleet = fleet
        self.proxy = proxy
        self._directory = directory
        self._ironic = ironic

    @contextmanager
    def daemon(self, **sections: Any) -> Iterator[Daemon]:
        """A daemon on the state that the one before left."""
        settings = enrolling(self.fleet, self._directory, self.proxy, self._ironic, **sections)
        with running_daemon(settings, self._directory) as daemon:
            yield daemon

    @property
    def state(self) -> Path:
        """The daemon's state directory."""
        return self._directory / "state"


SiteOf = Callable[..., Site]


@pytest.fixture
def site_of(
    fleet_of: FleetOf, tmp_path: Path, proxy: IronicProxy, ironic: IronicEndpoint
) -> SiteOf:
    return lambda *servers: Site(fleet_of(*servers), tmp_path, proxy, ironic)


def histories(daemon: Daemon) -> dict[str, list[dict[str, Any]]]:
    return {
        one["id"]: daemon.items(f"/v1/devices/{one['id']}/history")
        for one in daemon.items("/v1/devices")
    }


def refresh_all(daemon: Daemon) -> list[str]:
    operations = [
        daemon.post(f"/v1/endpoints/{one['id']}/refresh") for one in daemon.items("/v1/endpoints")
    ]
    return await_end(daemon, *operations)


def reconcile(daemon: Daemon) -> str:
    (state,) = await_end(daemon, daemon.post("/v1/enrollments/reconcile"))
    return state


def settle(daemon: Daemon) -> None:
    """Wait until a pass began after all that was asked for, and ended."""
    assert reconcile(daemon) == "succeeded"


def test_a_second_run_on_the_same_state_changes_nothing(site_of: SiteOf) -> None:
    site = site_of("dell", "supermicro")
    with site.daemon() as daemon:
        await_standing(daemon, site.fleet.bmcs, "available")
        settle(daemon)
        before, told = histories(daemon), daemon.items("/v1/enrollments")
        site.proxy.forget()

        assert refresh_all(daemon) == ["succeeded"] * 2
        settle(daemon)

        assert site.proxy.requests["GET"] > 0
        assert site.proxy.changes == 0, site.proxy.paths
        assert histories(daemon) == before

    with site.daemon() as daemon:
        assert refresh_all(daemon) == ["succeeded"] * 2
        settle(daemon)

        assert site.proxy.changes == 0, site.proxy.paths
        assert histories(daemon) == before
        assert daemon.items("/v1/enrollments") == told


def places(value: Any, secret: str, at: str = "") -> Iterator[str]:
    """Where in a request's body a secret stands; an entry of a patch stands at its path."""
    if isinstance(value, dict):
        for name, inner in value.items():
            patched = "path" in value and name == "value"
            yield from places(inner, secret, str(value["path"]) if patched else f"{at}/{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from places(inner, secret, at)
    elif secret in str(value):
        yield at


def test_a_password_goes_to_ironic_as_driver_info_and_nowhere_else(site_of: SiteOf) -> None:
    site = site_of("openbmc")
    with site.daemon(logging={"level": "debug", "format": "json"}) as daemon:
        await_standing(daemon, site.fleet.bmcs, "available")
        settle(daemon)
        answers = [
            daemon.text(path) for path in ("/v1/enrollments", "/v1/devices", "/metrics", "/readyz")
        ]
        daemon.stop()

    bodies = [json.loads(body) for body in site.proxy.bodies if body]
    for bmc in site.fleet.bmcs:
        found = [place for body in bodies for place in places(body, bmc.password)]
        assert set(found) == {"/driver_info/redfish_password"}, bmc.name
        assert bmc.password not in "".join(site.proxy.paths)
        assert bmc.password not in "".join(answers)
        assert bmc.password not in daemon.log.read_text()
        kept = [path.read_bytes() for path in site.state.iterdir() if path.is_file()]
        assert not any(bmc.password.encode() in content for content in kept)


def test_one_hanging_server_holds_up_neither_the_others_nor_a_newcomer(
    site_of: SiteOf, cloud: Cloud
) -> None:
    site = site_of("supermicro", "lenovo", "generic")
    hanging, healthy, newcomer = site.fleet.bmcs
    site.proxy.disturb("*", "/", times=10**6, message="Ironic is away")
    settings = {"discovery": {"endpoints": _entries(hanging, healthy)}}
    with site.daemon(**settings) as daemon:
        eventually(lambda: list(daemon.reaches().values()) == ["up", "up"])
        eventually(lambda: _condition(daemon, "ironic").startswith("Ironic did not"))
        assert _condition(daemon, "store") == "2 devices stored"
        site.fleet.admin.faults({"kind": "latency", "bmc": hanging.name, "ms": 12_000})

        site.proxy.disturbances.clear()

        await_standing(daemon, [healthy], "available")
        assert cloud.states([hanging]) == ["verifying"]
        eventually(lambda: device_at(daemon, healthy)["state"] == "enrolled")
        assert cloud.states([hanging]) == ["verifying"]

        daemon.post("/v1/endpoints", _entries(newcomer)[0])
        await_standing(daemon, [newcomer], "available")
        assert cloud.states([hanging]) == ["verifying"]

        site.fleet.admin.faults({"kind": "unavailable", "bmc": hanging.name, "status": 404})
        await_standing(daemon, [hanging], "failed")
        told, node = standings(daemon)[hanging.url], cloud.node_at(hanging)
        assert told["reason"] == node["last_error"]
        assert told["provision_state"] == node["provision_state"]
        assert told["failures"] == 1

        site.fleet.admin.faults()
        await_standing(daemon, [hanging], "available")
        assert standings(daemon)[hanging.url]["failures"] == 0


def _entries(*bmcs: EmulatedBmc) -> list[dict[str, Any]]:
    return [
        {"address": bmc.url, "credential": bmc.name, "fingerprint": bmc.fingerprint_sha256}
        for bmc in bmcs
    ]


def _condition(daemon: Daemon, name: str) -> str:
    checks = daemon.get("/readyz")["checks"]
    return next(str(check["detail"]) for check in checks if check["name"] == name)


def test_a_killed_daemon_goes_on_where_it_was_with_one_node_a_server(
    site_of: SiteOf, cloud: Cloud
) -> None:
    site = site_of("hpe", "openbmc")
    site.proxy.disturb("POST", "/v1/nodes", times=2, status=409, message="Node is locked")
    site.proxy.disturb("PUT", "/traits", times=2)
    site.proxy.disturb("GET", "/v1/ports", times=3, slow_s=2)
    with site.daemon() as daemon:
        patiently(lambda: any(cloud.states(site.fleet.bmcs)))
        daemon.process.send_signal(signal.SIGKILL)
        daemon.process.wait()
    assert cloud.states(site.fleet.bmcs) != ["available"] * 2
    site.proxy.disturb("PATCH", "/v1/nodes", times=2, status=409, message="Node is locked")
    site.proxy.disturb("GET", "/v1/nodes", times=2)
    site.proxy.disturb("PUT", "/states/provision", times=2, status=504, after=True)

    with site.daemon() as daemon:
        await_standing(daemon, site.fleet.bmcs, "available")
        assert cloud.states(site.fleet.bmcs) == ["available"] * 2
        told = {address: one["node_uuid"] for address, one in standings(daemon).items()}
        assert told == {bmc.url: cloud.node_at(bmc)["uuid"] for bmc in site.fleet.bmcs}

        leaving = site.fleet.bmcs[0]
        device = device_at(daemon, leaving)
        daemon.post(f"/v1/devices/{device['id']}/retire", {"reason": "sold"})
        patiently(lambda: cloud.nodes_at(leaving) == [])
        await_standing(daemon, [leaving], "withdrawn")
        assert refresh_all(daemon) == ["succeeded"] * 2
        settle(daemon)
        assert device_at(daemon, leaving)["state"] == "retired"
        assert standing_of(daemon, leaving) == "withdrawn"
        assert cloud.states(site.fleet.bmcs) == ["available"]


def test_a_node_made_by_hand_is_adopted_and_one_with_an_instance_left_alone(
    site_of: SiteOf, cloud: Cloud
) -> None:
    site = site_of("hpe", "supermicro")
    adopted, active = site.fleet.bmcs
    by_hand = cloud.make_node(adopted, name="by-hand", extra={"bay": "7"})
    in_use = cloud.make_node(active, driver="fake-hardware")
    cloud.provision(in_use, "manage")
    cloud.await_state(in_use, "manageable")
    cloud.provision(in_use, "provide")
    cloud.await_state(in_use, "available")
    cloud.provision(in_use, "active")
    cloud.await_state(in_use, "active")
    before = cloud.node_at(active)

    with site.daemon() as daemon:
        await_standing(daemon, [adopted], "available")
        await_standing(daemon, [active], "in-use")
        eventually(lambda: device_at(daemon, active)["state"] == "in-use")
        device = device_at(daemon, active)
        with pytest.raises(HTTPError, match="HTTP Error 409"):
            daemon.post(f"/v1/devices/{device['id']}/retire")
        assert standing_of(daemon, active) == "in-use"

    node = cloud.node_at(adopted)
    assert (node["uuid"], node["name"], node["extra"]["bay"]) == (by_hand, "by-hand", "7")
    assert node["provision_state"] == "available"
    assert cloud.macs(by_hand) == set(adopted.macs)
    assert cloud.node_at(active) == before
    assert not [path for path in site.proxy.paths if in_use in path and path[:3] != "GET"]


def test_a_server_leaves_ironic_with_its_endpoint_and_comes_back_with_it(
    site_of: SiteOf, cloud: Cloud
) -> None:
    site = site_of("generic")
    (bmc,) = site.fleet.bmcs
    with site.daemon() as daemon:
        await_standing(daemon, [bmc], "available")
        node, device = cloud.node_at(bmc), device_at(daemon, bmc)

        daemon.delete(device["links"]["endpoint"])
        patiently(lambda: cloud.nodes_at(bmc) == [])
        assert daemon.get(f"/v1/devices/{device['id']}")["state"] == "retired"

        daemon.post("/v1/endpoints", _entries(bmc)[0])
        patiently(lambda: cloud.states([bmc]) == ["available"])
        assert cloud.node_at(bmc)["uuid"] == node["uuid"]
        assert device_at(daemon, bmc)["id"] == device["id"]


def test_a_stop_does_not_wait_for_an_ironic_that_is_silent(site_of: SiteOf) -> None:
    site = site_of("generic")
    site.proxy.disturb("*", "/v1/nodes", times=10**6, silent_s=40)
    with site.daemon() as daemon:
        eventually(lambda: any("/v1/nodes" in path for path in site.proxy.paths))

        code = daemon.stop()

    assert code == 0
    assert not any(site.fleet.admin.sessions().values())
