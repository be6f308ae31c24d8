"""What a sweep changes in what is known, and what it must keep."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from fleetd.domain.comparison import compare
from fleetd.domain.device import (
    Change,
    ChangeKind,
    Component,
    ComponentKind,
    Description,
    DeviceId,
    DeviceKind,
    Health,
    Identity,
    PowerState,
)
from fleetd.domain.inventory import carry_over

AT = datetime(2026, 11, 24, tzinfo=UTC)

components = st.builds(
    Component,
    kind=st.sampled_from(ComponentKind),
    key=st.sampled_from(["a", "b", "c"]),
    name=st.sampled_from(["x", "y"]),
    serial=st.one_of(st.none(), st.sampled_from(["1", "2"])),
    attributes=st.dictionaries(st.sampled_from(["mac", "cores"]), st.integers(0, 3)),
)
descriptions = st.builds(
    Description,
    kind=st.just(DeviceKind.SERVER),
    identity=st.builds(Identity, serial=st.sampled_from(["S1", "S2", None])),
    name=st.sampled_from(["n1", "n2"]),
    bios_version=st.one_of(st.none(), st.sampled_from(["1", "2"])),
    power_state=st.sampled_from(PowerState),
    components=st.lists(components, unique_by=lambda part: (part.kind, part.key)).map(tuple),
    stale=st.frozensets(st.sampled_from(["device", *ComponentKind])),
)


def changes(before: Description | None, after: Description) -> tuple[Change, ...]:
    return compare(before, after, device_id=DeviceId("d"), at=AT, sweep_id="s")


@given(descriptions)
def test_reading_the_same_again_is_no_news(description: Description) -> None:
    assert changes(description, description) == ()


@given(descriptions, descriptions)
def test_every_difference_is_told_and_only_differences(
    before: Description, after: Description
) -> None:
    told = changes(before, after)

    assert all(change.before != change.after for change in told)
    assert bool(told) == (_contents(before) != _contents(after))


def _contents(description: Description) -> Description:
    """All that a history is about: neither the order of parts nor what could not be read."""
    parts = sorted(description.components, key=lambda part: (part.kind, part.key))
    return replace(description, components=tuple(parts), stale=frozenset())


@given(descriptions, descriptions)
def test_what_could_not_be_read_is_never_lost(before: Description, after: Description) -> None:
    merged = carry_over(before, after)

    kept = {(part.kind, part.key) for part in merged.components}
    assert {(p.kind, p.key) for p in before.components if p.kind in after.stale} <= kept
    assert len(kept) == len(merged.components)


@given(descriptions, descriptions)
def test_half_a_section_brings_nothing_new_the_first_time_but_stays_no_secret(
    before: Description, after: Description
) -> None:
    first = carry_over(before, after)
    second = carry_over(first, after)

    known = {(p.kind, p.key) for p in before.components}
    kinds = {p.kind for p in before.components}
    for part in after.components:
        if part.kind in after.stale and part.kind in kinds - before.stale:
            assert (part.kind, part.key) in known or part not in first.components
        assert (part.kind, part.key) in {(p.kind, p.key) for p in second.components}


def test_half_a_component_does_not_take_away_what_is_known_of_it() -> None:
    port = Component(
        kind=ComponentKind.PORT,
        key="p1",
        name="Port 1",
        serial="S",
        attributes={"mac": "00:11:22:33:44:55", "link_up": True},
    )
    half = replace(port, serial=None, attributes={"mac": "00:11:22:33:44:66"})
    before = Description(kind=DeviceKind.SERVER, identity=Identity(), name="n", components=(port,))
    after = replace(before, components=(half,), stale=frozenset({ComponentKind.PORT}))

    (merged,) = carry_over(before, after).components

    assert merged.serial == "S"
    assert merged.attributes == {"mac": "00:11:22:33:44:66", "link_up": True}


@given(descriptions, descriptions)
def test_a_section_that_was_read_shows_what_is_gone(
    before: Description, after: Description
) -> None:
    merged = carry_over(before, after)

    def read(description: Description) -> list[Component]:
        return [part for part in description.components if part.kind not in after.stale]

    assert read(merged) == read(after)


def test_a_device_that_answers_half_keeps_its_identity_and_versions() -> None:
    before = Description(
        kind=DeviceKind.SERVER,
        identity=Identity(serial="S1", uuid="u"),
        name="n",
        bios_version="2.1",
        health=Health.OK,
    )
    half = Description(
        kind=DeviceKind.SERVER, identity=Identity(), name="n", stale=frozenset({"device"})
    )

    merged = carry_over(before, half)

    assert merged.identity.serial == "S1"
    assert merged.bios_version == "2.1"
    assert merged.health is Health.OK


def test_a_new_device_is_one_entry() -> None:
    device = Description(
        kind=DeviceKind.SERVER,
        identity=Identity(serial="S1"),
        name="n",
        components=(Component(kind=ComponentKind.FAN, key="f", name="Fan"),),
    )

    (entry,) = changes(None, device)

    assert entry.kind is ChangeKind.ADDED
    assert entry.subject == "device"


def test_a_swapped_module_names_part_field_and_both_values() -> None:
    module = Component(kind=ComponentKind.MEMORY, key="A1", name="DIMM", serial="1")
    before = Description(
        kind=DeviceKind.SERVER, identity=Identity(), name="n", components=(module,)
    )
    after = replace(before, components=(replace(module, serial="2"),))

    (entry,) = changes(before, after)

    assert (entry.subject, entry.field, entry.before, entry.after) == (
        "memory/A1",
        "serial",
        "1",
        "2",
    )


def test_what_a_device_has_from_parts_that_were_not_read_stays() -> None:
    before = Description(
        kind=DeviceKind.SERVER,
        identity=Identity(serial="S1", macs=("02:00:00:00:00:01", "02:00:00:00:00:02")),
        name="n1",
        architecture="x86_64",
    )
    identity = Identity(serial="S1", macs=("02:00:00:00:00:02",))
    half = replace(before, identity=identity, architecture=None)

    stale = replace(half, stale=frozenset({"port", "processor"}))
    assert changes(before, carry_over(before, stale)) == ()
    assert carry_over(before, half) == half


def test_a_pdu_keeps_the_mac_that_its_silent_bmc_did_not_tell() -> None:
    mac = "02:00:00:00:00:01"
    before = Description(kind=DeviceKind.PDU, identity=Identity(macs=(mac,)), name="p1")
    after = replace(before, identity=Identity(), stale=frozenset({"bmc"}))

    assert carry_over(before, after).identity.macs == (mac,)
