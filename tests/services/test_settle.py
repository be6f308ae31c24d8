"""What one reading means for the devices that are known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from fleetd.domain.device import (
    ChangeKind,
    Description,
    Device,
    DeviceId,
    DeviceKind,
    EndpointId,
    Identity,
)
from fleetd.domain.endpoint import Endpoint, Root, Source
from fleetd.domain.inventory import Problem, Reading
from fleetd.domain.lifecycle import State
from fleetd.domain.ports import StoredDevice
from fleetd.services.inventory.settle import ENDPOINT_REMOVED, settle
from fleetd.services.inventory.silence import Sweep, silence

AT = datetime(2026, 11, 24, tzinfo=UTC)
HERE = Endpoint(
    id=EndpointId("here"),
    address="https://10.0.0.1",
    source=Source.STATIC,
    site="north",
    labels=(("rack", "R7"),),
)
THERE = EndpointId("there")
SYSTEM = "/redfish/v1/Systems/1"


def description(serial: str | None, *, path: str = SYSTEM, name: str = "node") -> Description:
    return Description(
        kind=DeviceKind.SERVER, identity=Identity(serial=serial, path=path), name=name
    )


def with_uuid(description: Description, digit: str) -> Description:
    uuid = f"{digit * 8}-2222-4333-8444-555555555555"
    return replace(description, identity=replace(description.identity, uuid=uuid))


def reading(*descriptions: Description, problems: tuple[Problem, ...] = ()) -> Reading:
    return Reading(
        endpoint_id=HERE.id,
        root=Root(redfish_version="1.15.0"),
        driver="generic",
        vendor="Contoso",
        descriptions=descriptions,
        problems=problems,
        documents={SYSTEM: {"Id": "1"}, f"{SYSTEM}/Memory": {}, "/redfish/v1/Systems/2": {}},
    )


def known(serial: str | None, *, endpoint: EndpointId = HERE.id, state: State) -> Device:
    return Device(
        id=DeviceId(f"known-{serial}"),
        endpoint_id=endpoint,
        description=description(serial),
        state=state,
        driver="generic",
        vendor="Contoso",
        first_seen=AT - timedelta(days=1),
        last_seen=AT - timedelta(days=1),
    )


def run(
    now: Reading, before: Iterable[Device] = (), *, up: frozenset[EndpointId] = frozenset()
) -> tuple[StoredDevice, ...]:
    ids = count(1)
    return settle(
        now,
        before,
        Sweep(id="sweep", at=AT, endpoint=HERE, endpoints_up=up),
        new_id=lambda: DeviceId(f"new-{next(ids)}"),
    )


def test_a_new_device_is_inventoried_where_its_endpoint_stands() -> None:
    (stored,) = run(reading(description("A1")))

    assert stored.device.state is State.INVENTORIED
    assert stored.device.description.placement.site == "north"
    assert stored.device.description.placement.rack == "R7"
    assert [change.kind for change in stored.changes] == [ChangeKind.ADDED]


def test_the_same_reading_twice_is_no_news() -> None:
    (first,) = run(reading(description("A1")))

    (second,) = run(reading(description("A1")), [first.device])

    assert second.changes == ()
    assert second.device == replace(first.device, last_seen=AT)


def test_a_silent_device_that_answers_comes_back_with_its_identity() -> None:
    before = known("A1", state=State.UNREACHABLE)

    (stored,) = run(reading(description("A1")), [before])

    assert stored.device.id == before.id
    assert stored.device.state is State.INVENTORIED


def test_a_device_whose_endpoint_is_there_again_comes_back() -> None:
    before = replace(known("A1", state=State.RETIRED), state_reason=ENDPOINT_REMOVED)

    (stored,) = run(reading(description("A1")), [before])

    assert stored.device.state is State.INVENTORIED


@pytest.mark.parametrize("state", [State.IN_USE, State.ENROLLED, State.MAINTENANCE, State.RETIRED])
def test_a_sweep_never_takes_a_standing_away(state: State) -> None:
    (stored,) = run(reading(description("A1")), [known("A1", state=state)])

    assert stored.device.state is state


def test_a_device_at_another_address_moves_and_says_so() -> None:
    before = known("A1", endpoint=THERE, state=State.ENROLLED)

    (stored,) = run(reading(description("A1")), [before])

    assert stored.device.id == before.id
    assert stored.device.endpoint_id == HERE.id
    assert ChangeKind.MOVED in {change.kind for change in stored.changes}


def test_a_machine_with_two_addresses_that_both_answer_stays_where_it_is() -> None:
    before = known("A1", endpoint=THERE, state=State.ENROLLED)

    assert run(reading(description("A1")), [before], up=frozenset({THERE})) == ()


def test_another_machine_with_the_same_serial_is_new_while_the_first_is_there() -> None:
    """Blades that carry their chassis' serial, say; a swapped board has one address, not two."""
    first = known("A1", endpoint=THERE, state=State.ENROLLED)
    first = replace(first, description=with_uuid(first.description, "1"))
    now = reading(with_uuid(description("A1"), "2"))

    (new,) = run(now, [first], up=frozenset({THERE}))
    (moved,) = run(now, [first])

    assert new.device.id == "new-1"
    assert new.device.replaces is None
    assert moved.device.id == first.id
    assert run(now, [first, new.device], up=frozenset({THERE}))[0].changes == ()


def test_another_machine_in_the_same_place_is_a_replacement_on_both_sides() -> None:
    before = known("A1", state=State.ENROLLED)

    new, old = run(reading(description("B2")), [before])

    assert old.device.id == before.id
    assert old.device.state is State.UNREACHABLE
    assert new.device.replaces == before.id
    assert ChangeKind.REPLACED in {change.kind for change in old.changes}


def test_a_device_that_a_whole_reading_lacks_is_unreachable() -> None:
    missing = replace(
        known("A1", state=State.ENROLLED),
        description=description("A1", path="/redfish/v1/Systems/9"),
    )

    stored = run(reading(description("B2")), [missing])

    gone = next(item.device for item in stored if item.device.id == missing.id)
    assert gone.state is State.UNREACHABLE
    assert gone.state_reason == "its BMC no longer reports it"


def test_a_device_that_a_broken_reading_lacks_stays_and_is_stale() -> None:
    missing = replace(
        known("A1", state=State.ENROLLED),
        description=description("A1", path="/redfish/v1/Systems/9"),
    )
    problem = Problem(uri="/redfish/v1/Systems/9", code="faulted", message="answered 500")

    stored = run(reading(description("B2"), problems=(problem,)), [missing])

    kept = next(item for item in stored if item.device.id == missing.id)
    assert kept.device == replace(
        missing, description=replace(missing.description, stale=frozenset({"device"}))
    )
    assert kept.changes == ()
    assert kept.documents is None


def test_an_in_use_device_stays_locked_when_its_bmc_is_silent() -> None:
    sweep = Sweep(id="s", at=AT, endpoint=HERE, endpoints_up=())
    devices = [known("A1", state=State.IN_USE), known("B2", state=State.ENROLLED)]

    (gone,) = silence(devices, sweep, "no answer")

    assert gone.device.id == "known-B2"
    assert gone.device.state_reason == "no answer"


def test_each_device_keeps_its_own_documents_and_those_it_shares() -> None:
    one, two = run(
        reading(description("A1"), description("B2", path="/redfish/v1/Systems/2", name="two"))
    )

    assert one.documents is not None
    assert set(one.documents) == {SYSTEM, f"{SYSTEM}/Memory"}
    assert two.documents is not None
    assert set(two.documents) == {"/redfish/v1/Systems/2"}
