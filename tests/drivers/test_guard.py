"""A driver that raises, hangs or answers nonsense costs one answer, and is named."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from fleetd.domain.errors import DriverFailed
from fleetd.driverkit.behaviours.neighbours import Neighbours
from fleetd.driverkit.effects import Effect, Patch, Replace
from fleetd.driverkit.guard import guarded
from fleetd.driverkit.registry import Registry
from fleetd.driverkit.spec import Driver
from fleetd.driverkit.standard import GENERIC
from fleetd_emulators.hardware import Personality
from fleetd_emulators.servers.documents import documents
from tests.support.trees import TreeReader, emulated_server, read


def loop_for_ever() -> None:
    while True:
        try:
            time.sleep(0)
        except Exception:  # noqa: BLE001 (a driver may swallow what it likes)
            continue


def backtrack_for_ever() -> None:
    re.match(r"(a+)+$", "a" * 60 + "b")


@pytest.mark.parametrize("hang", [loop_for_ever, backtrack_for_ever, lambda: time.sleep(60)])
def test_what_does_not_end_is_ended(hang: Callable[[], None]) -> None:
    with pytest.raises(DriverFailed, match=r"acme\.bmc didn't answer within 0\.05 s"):
        guarded("acme.bmc", hang, limit_s=0.05)


def test_what_is_raised_is_named_with_its_driver() -> None:
    with pytest.raises(DriverFailed, match=r"acme\.bmc failed: ZeroDivisionError"):
        guarded("acme.bmc", lambda: 1 / 0)


def test_an_alarm_of_somebody_else_still_rings() -> None:
    rung: list[int] = []
    earlier = signal.signal(signal.SIGALRM, lambda number, _: rung.append(number))
    left, interval = signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        guarded("acme.bmc", lambda: None)
        deadline = time.monotonic() + 5
        while not rung and time.monotonic() < deadline:
            signal.sigtimedwait([], 0.01)
    finally:
        signal.signal(signal.SIGALRM, earlier)
        signal.setitimer(signal.ITIMER_REAL, left, interval)

    assert rung == [signal.SIGALRM]


def raising(body: Mapping[str, Any]) -> Mapping[str, Any]:
    raise KeyError("Oem")


def hanging(body: Mapping[str, Any]) -> Mapping[str, Any]:
    while True:
        time.sleep(0)


def nonsense(body: Mapping[str, Any]) -> Any:
    return list(body)


@pytest.mark.asyncio
@pytest.mark.parametrize("repair", [raising, hanging, nonsense])
async def test_a_broken_repair_leaves_its_own_section_stale_and_the_rest_whole(
    repair: Callable[[Mapping[str, Any]], Mapping[str, Any]],
) -> None:
    tree = documents(emulated_server(Personality.GENERIC))

    reading = await read(TreeReader(tree), Registry.of([broken(Patch("Memory", repair))]))

    (server,) = reading.descriptions
    assert server.stale == {"memory"}
    assert {problem.code for problem in reading.problems} == {"driver-failed"}
    assert all("acme.bmc" in problem.message for problem in reading.problems)
    assert {part.kind for part in server.components} > {"processor", "drive", "memory"}


class Raising(Neighbours):
    """Never heard of LLDP."""

    def of_port(self, *_: Any) -> Any:
        raise LookupError("LLDP")


class Hanging(Neighbours):
    """Listens for ever."""

    def of_port(self, *_: Any) -> Any:
        time.sleep(60)


class Nonsensical(Neighbours):
    """Answers in words."""

    def of_port(self, *_: Any) -> Any:
        return "the switch over there"


@pytest.mark.asyncio
@pytest.mark.parametrize("behaviour", [Raising, Hanging, Nonsensical])
async def test_a_broken_behaviour_leaves_its_own_section_stale_and_the_rest_whole(
    behaviour: type[Neighbours],
) -> None:
    tree = documents(emulated_server(Personality.GENERIC))

    registry = Registry.of([broken(Replace(Neighbours, by=behaviour))])
    reading = await read(TreeReader(tree), registry)

    (server,) = reading.descriptions
    assert server.stale == {"port"}
    assert {problem.code for problem in reading.problems} == {"driver-failed"}
    assert all(behaviour.__name__ in problem.message for problem in reading.problems)
    assert any(part.kind == "port" for part in server.components)


def broken(effect: Effect) -> Driver:
    driver = GENERIC.derive("acme.bmc", title="Acme").matches(product="Contoso")
    return driver.quirk(
        "broken", effect, title="t", standard="s", bmc="b", action="a", source="x", test="y"
    )
