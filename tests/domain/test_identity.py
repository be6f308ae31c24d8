"""Which machine is it: placeholders, duplicates, moves and replacements."""

from __future__ import annotations

import string
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetd.domain.device import Description, Device, DeviceId, DeviceKind, EndpointId, Identity
from fleetd.domain.identity import meaningful, normal_mac, normal_uuid
from fleetd.domain.lifecycle import State
from fleetd.domain.recognition import Match, Verdict
from fleetd.domain.recognition import recognise as recognise_all

HERE = EndpointId("here")
THERE = EndpointId("there")
AT = datetime(2026, 11, 24, tzinfo=UTC)
UUID = "4c4c4544-0035-3010-8048-b7c04f303333"


def device(identity: Identity, *, endpoint: EndpointId = HERE, name: str = "one") -> Device:
    return Device(
        id=DeviceId(name),
        endpoint_id=endpoint,
        description=Description(kind=DeviceKind.SERVER, identity=identity, name=name),
        state=State.INVENTORIED,
        driver="generic",
        vendor="Contoso",
        first_seen=AT,
        last_seen=AT,
    )


def recognise(
    identity: Identity, *, endpoint_id: EndpointId, candidates: Iterable[Device]
) -> Match:
    read = Description(kind=DeviceKind.SERVER, identity=identity, name="read")
    (match,) = recognise_all([read], endpoint_id=endpoint_id, candidates=candidates)
    return match


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "To be filled by O.E.M.",
        "to be filled by o.e.m",
        "0123456789",
        "00000000",
        "0000-0000",
        "N/A",
        "None",
        "Not Specified",
        "Default string",
        "System Serial Number",
        "................",
        "xxxxxxxx",
        None,
        17,
    ],
)
def test_a_placeholder_says_nothing(text: object) -> None:
    assert meaningful(text) is None


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("  7CX2  T93 ", "7CX2 T93"),
        ("0012345", "0012345"),
        ("1", "1"),
        ("MXQ0000000", "MXQ0000000"),
    ],
)
def test_a_real_serial_keeps_its_characters(text: str, meaning: str) -> None:
    assert meaningful(text) == meaning


@pytest.mark.parametrize(
    "text",
    [
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "03000200-0400-0500-0006-000700080009",
        "uuid-here",
        "",
        None,
    ],
)
def test_a_uuid_that_many_boards_share_is_none(text: object) -> None:
    assert normal_uuid(text) is None


def test_a_uuid_has_one_form() -> None:
    forms = [UUID.upper(), UUID.replace("-", ""), f"urn:uuid:{UUID}", f"{{{UUID}}}"]

    assert {normal_uuid(form) for form in forms} == {UUID}


def test_a_uuid_that_holds_a_mac_only_is_kept() -> None:
    assert normal_uuid("00000000-0000-0000-0000-7cc25550a8ff") is not None


@given(st.binary(min_size=6, max_size=6))
def test_a_mac_has_one_form_however_it_is_written(octets: bytes) -> None:
    plain = octets.hex()
    pairs = [plain[i : i + 2] for i in range(0, 12, 2)]
    forms = [plain.upper(), ":".join(pairs), "-".join(pairs).upper()]

    found = {normal_mac(form) for form in forms}

    assert len(found) == 1
    assert found in ({":".join(pairs)}, {None})


@given(st.one_of(st.none(), st.integers(), st.text(), st.lists(st.text())))
def test_no_value_of_a_bmc_breaks_the_rules(value: object) -> None:
    for rule in (meaningful, normal_uuid, normal_mac):
        result = rule(value)
        assert result is None or isinstance(result, str)


@given(st.text(alphabet=string.printable))
def test_cleaning_a_serial_twice_changes_nothing(text: str) -> None:
    once = meaningful(text)

    assert once is None or meaningful(once) == once


def test_the_same_machine_at_its_place_is_the_same() -> None:
    identity = Identity(serial="A1", uuid=UUID, path="/redfish/v1/Systems/1")

    match = recognise(identity, endpoint_id=HERE, candidates=[device(identity)])

    assert match.verdict is Verdict.SAME


def test_a_machine_at_another_address_has_moved() -> None:
    identity = Identity(serial="A1", uuid=UUID, path="/redfish/v1/Systems/1")

    match = recognise(identity, endpoint_id=HERE, candidates=[device(identity, endpoint=THERE)])

    assert match.verdict is Verdict.MOVED


def test_two_machines_with_one_uuid_are_two() -> None:
    known = device(Identity(serial="A1", uuid=UUID, path="/x"), endpoint=THERE)

    match = recognise(
        Identity(serial="B2", uuid=UUID, path="/x"), endpoint_id=HERE, candidates=[known]
    )

    assert match.verdict is Verdict.NEW


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ({"macs": ("00:11:22:33:44:55",)}, {"macs": ("00:11:22:33:44:66",)}),
        ({"manager_id": "bmc-1"}, {"manager_id": "bmc-2"}),
    ],
    ids=["macs", "bmcs"],
)
def test_one_uuid_without_serials_is_one_machine_at_one_place_only(
    mine: dict[str, Any], theirs: dict[str, Any]
) -> None:
    known = device(Identity(uuid=UUID, path="/x", **theirs), endpoint=THERE)
    read = Identity(uuid=UUID, path="/x", **mine)

    elsewhere = recognise(read, endpoint_id=HERE, candidates=[known])
    there = recognise(read, endpoint_id=THERE, candidates=[known])

    assert elsewhere.verdict is Verdict.NEW
    assert there.verdict is Verdict.SAME


def test_a_match_is_contested_where_something_speaks_against_it_but_never_against_a_mac() -> None:
    known = device(
        Identity(serial="A1", uuid=UUID, macs=("00:11:22:33:44:55",), path="/x"), endpoint=THERE
    )
    other = Identity(serial="A1", uuid=UUID.replace("4c", "5d"), path="/x")
    rewritten = Identity(serial="B2", uuid=UUID, macs=("00:11:22:33:44:55",), path="/x")

    assert recognise(other, endpoint_id=HERE, candidates=[known]).contested
    assert not recognise(rewritten, endpoint_id=HERE, candidates=[known]).contested


def test_another_serial_at_the_same_place_is_a_replacement_and_says_so() -> None:
    known = device(Identity(serial="A1", uuid=UUID, path="/x"))

    match = recognise(Identity(serial="B2", path="/x"), endpoint_id=HERE, candidates=[known])

    assert match.verdict is Verdict.REPLACED
    assert match.device == known


def test_a_swapped_board_in_the_same_chassis_is_the_same_device_and_is_told() -> None:
    known = device(Identity(serial="A1", uuid=UUID, macs=("00:11:22:33:44:55",), path="/x"))
    swapped = Identity(
        serial="A1", uuid=UUID.replace("4c", "5d"), macs=("66:11:22:33:44:55",), path="/x"
    )

    match = recognise(swapped, endpoint_id=HERE, candidates=[known])

    assert match.verdict is Verdict.SAME
    assert match.board_swapped


def test_a_rewritten_serial_on_the_same_board_is_the_same_device() -> None:
    macs = ("00:11:22:33:44:55",)
    known = device(Identity(serial="A1", uuid=UUID, macs=macs, path="/x"))

    match = recognise(
        Identity(serial="B2", uuid=UUID, macs=macs, path="/x"),
        endpoint_id=HERE,
        candidates=[known],
    )

    assert match.verdict is Verdict.SAME


def test_one_serial_of_two_makers_is_two_machines() -> None:
    known = device(Identity(serial="1", manufacturer="Contoso", path="/x"), endpoint=THERE)

    match = recognise(
        Identity(serial="1", manufacturer="Fabrikam", path="/x"),
        endpoint_id=HERE,
        candidates=[known],
    )

    assert match.verdict is Verdict.NEW


def test_a_machine_without_any_identifier_is_known_by_its_place() -> None:
    known = device(Identity(path="/x"))

    match = recognise(Identity(path="/x"), endpoint_id=HERE, candidates=[known])

    assert match.verdict is Verdict.SAME


def test_a_machine_without_any_identifier_elsewhere_is_new() -> None:
    known = device(Identity(path="/x"), endpoint=THERE)

    match = recognise(Identity(path="/x"), endpoint_id=HERE, candidates=[known])

    assert match.verdict is Verdict.NEW


def test_another_network_card_is_no_other_board() -> None:
    known = device(Identity(serial="A1", uuid=UUID, macs=("00:11:22:33:44:55",), path="/x"))
    other_card = Identity(serial="A1", uuid=UUID, macs=("66:11:22:33:44:55",), path="/x")

    match = recognise(other_card, endpoint_id=HERE, candidates=[known])

    assert match.verdict is Verdict.SAME
    assert not match.board_swapped


def test_a_uuid_in_the_other_byte_order_is_the_same() -> None:
    known = device(Identity(uuid=UUID, path="/x"), endpoint=THERE)
    swapped = "44454c4c-3500-1030-8048-b7c04f303333"

    match = recognise(Identity(uuid=swapped, path="/y"), endpoint_id=HERE, candidates=[known])

    assert match.verdict is Verdict.MOVED


def test_a_chassis_with_a_server_s_serial_is_not_that_server() -> None:
    known = device(Identity(serial="A1", path="/redfish/v1/Systems/1"))
    chassis = Description(
        kind=DeviceKind.CHASSIS,
        identity=Identity(serial="A1", path="/redfish/v1/Chassis/1"),
        name="chassis",
    )

    (match,) = recognise_all([chassis], endpoint_id=HERE, candidates=[known])

    assert match.verdict is Verdict.NEW


def test_who_is_who_is_decided_over_all_so_that_nobody_who_is_there_is_replaced() -> None:
    places = ("/redfish/v1/Systems/1", "/redfish/v1/Systems/2")
    known = [device(Identity(serial=s, path=p), name=s) for s, p in zip("AB", places, strict=True)]
    read = [
        Description(kind=DeviceKind.SERVER, identity=Identity(serial=s, path=p), name=s)
        for s, p in zip("CA", places, strict=True)
    ]

    new, moved = recognise_all(read, endpoint_id=HERE, candidates=known)

    assert (moved.verdict, moved.device) == (Verdict.MOVED, known[0])
    assert (new.verdict, new.device) == (Verdict.NEW, None)
