"""What changed, told as what it is: moved, replaced, added, removed, changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fleetd.domain.comparison import compare, is_another_bmc, rebased
from fleetd.domain.device import (
    Component,
    ComponentKind,
    Description,
    DeviceId,
    DeviceKind,
    Identity,
    Placement,
)

AT = datetime(2026, 11, 24, tzinfo=UTC)
SYSTEM = "/redfish/v1/Systems/Bay1"


def drive(key: str, serial: str | None = None, **values: Any) -> Component:
    return Component(kind=ComponentKind.DRIVE, key=key, name=key, serial=serial, **values)


def made_of(*parts: Component, path: str = SYSTEM, **identity: Any) -> Description:
    who = Identity(path=path, **identity)
    return Description(kind=DeviceKind.SERVER, identity=who, name="node", components=parts)


def told(before: Description, after: Description) -> list[tuple[str, str, str, Any, Any]]:
    changes = compare(before, after, device_id=DeviceId("d"), at=AT, sweep_id="s")
    return [(str(one.kind), one.subject, one.field, one.before, one.after) for one in changes]


def test_a_part_that_shows_up_elsewhere_has_moved_and_only_what_it_is_is_compared() -> None:
    before = made_of(drive("1", "A", location="bay 1", attributes={"slot": "1"}))
    after = made_of(
        drive("2", "A", location="bay 2", firmware_version="9", attributes={"slot": "2"})
    )

    assert told(before, after) == [
        ("moved", "drive/2", "key", "1", "2"),
        ("changed", "drive/2", "firmware_version", None, "9"),
    ]


def test_two_parts_that_swap_places_both_move() -> None:
    before = made_of(drive("1", "A"), drive("2", "B"))
    after = made_of(drive("1", "B"), drive("2", "A"))

    assert told(before, after) == [
        ("moved", "drive/1", "key", "2", "1"),
        ("moved", "drive/2", "key", "1", "2"),
    ]


def test_a_part_that_takes_the_place_of_another_removes_it() -> None:
    before = made_of(drive("1", "A"), drive("2", "B"))
    after = made_of(drive("2", "A"))

    assert told(before, after) == [
        ("moved", "drive/2", "key", "1", "2"),
        ("removed", "drive/2", "", "2", None),
    ]


def test_a_serial_that_several_parts_have_moves_none() -> None:
    before = made_of(drive("1", "A"), drive("2", "A"))
    after = made_of(drive("2", "A"), drive("3", "A"))

    assert told(before, after) == [
        ("added", "drive/3", "", None, "3"),
        ("removed", "drive/1", "", "1", None),
    ]


def test_another_serial_in_the_same_place_is_another_part() -> None:
    assert told(made_of(drive("1", "A")), made_of(drive("1", "B"))) == [
        ("replaced", "drive/1", "serial", "A", "B")
    ]


def test_a_serial_that_comes_or_goes_is_the_same_part() -> None:
    with_serial, without = made_of(drive("1", "A")), made_of(drive("1"))

    assert told(without, with_serial) == [("changed", "drive/1", "serial", None, "A")]
    assert told(with_serial, without) == [("changed", "drive/1", "serial", "A", None)]


def test_another_slot_is_a_move_and_a_slot_first_told_is_not() -> None:
    def in_slot(slot: str | None) -> Description:
        return replace(made_of(), placement=Placement(slot=slot))

    assert told(in_slot("1"), in_slot("2")) == [("moved", "device", "slot", "1", "2")]
    assert told(in_slot(None), in_slot("2")) == [("changed", "device", "slot", None, "2")]


def test_another_kind_of_device_is_told() -> None:
    dpu = replace(made_of(), kind=DeviceKind.DPU)

    assert told(made_of(), dpu) == [("changed", "device", "kind", "server", "dpu")]


def test_parts_that_only_went_with_their_device_are_no_news() -> None:
    port = Component(kind=ComponentKind.PORT, key="Chassis/Bay1/NICs/1/Ports/1", name="p")
    before = made_of(
        drive("Systems/Bay1/Storage/1"), replace(port, attributes={"nic": "Chassis/Bay1/NICs/1"})
    )
    after = made_of(
        drive("Systems/Bay3/Storage/1"),
        replace(
            port,
            key="Chassis/Bay3/NICs/1/Ports/1",
            attributes={"nic": "Chassis/Bay3/NICs/1"},
        ),
        path="/redfish/v1/Systems/Bay3",
    )

    now = rebased(before, after)

    assert [(part.key, part.attributes) for part in now.components] == [
        (part.key, part.attributes) for part in after.components
    ]


@given(st.lists(st.sampled_from(["Systems/Bay1/a", "Chassis/Bay1/b", "Chassis/x/c"]), unique=True))
def test_a_device_that_stayed_keeps_its_parts_keys(keys: list[str]) -> None:
    before = made_of(*(drive(key) for key in keys))

    assert rebased(before, made_of()) == before


def with_bmc(manager: str | None, *macs: str) -> Description:
    bmc = Component(
        kind=ComponentKind.BMC, key="Managers/1", name="BMC", attributes={"macs": list(macs)}
    )
    return made_of(bmc, manager_id=manager)


def test_another_bmc_has_another_identifier_and_none_of_the_known_macs() -> None:
    known = with_bmc("one", "02:00:00:00:00:01")

    assert is_another_bmc(known, with_bmc("two", "02:00:00:00:00:02"))
    assert not is_another_bmc(known, with_bmc("two", "02:00:00:00:00:01"))
    assert not is_another_bmc(known, with_bmc("one", "02:00:00:00:00:02"))
    assert not is_another_bmc(known, with_bmc("two"))
    assert not is_another_bmc(known, with_bmc(None, "02:00:00:00:00:02"))
