"""Typed access to JSON never raises, whatever a BMC sends."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetd.domain.device import Health, PowerState
from fleetd.driverkit import payload

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "A",
                    "B",
                    "@odata.id",
                    "Member",
                    "Members",
                    "Status",
                    "State",
                    "Health",
                    "PowerState",
                ]
            )
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
FORMS = (
    payload.text,
    payload.number,
    payload.integer,
    payload.positive,
    payload.boolean,
    payload.texts,
    payload.entries,
    payload.links,
    payload.macs,
    payload.hexadecimal,
    payload.value,
)


@given(JUNK)
def test_no_access_ever_raises(junk: Any) -> None:
    for form in FORMS:
        form(junk, "A")
        form(junk, "A/B")
        form({"A": junk}, "A")
        form({"A": {"B": junk}}, "A/B")
    payload.health(junk)
    payload.health(junk, rolled_up=True)
    payload.power_state(junk)
    payload.state(junk)
    payload.is_absent(junk)
    payload.link(junk)
    payload.plain_text(junk)


@given(JUNK)
def test_what_is_answered_has_the_type_that_was_asked_for(junk: Any) -> None:
    document = {"A": junk}

    assert isinstance(payload.text(document, "A"), str | None)
    assert isinstance(payload.integer(document, "A"), int | None)
    assert isinstance(payload.number(document, "A"), int | float | None)
    assert isinstance(payload.boolean(document, "A"), bool | None)
    assert all(isinstance(item, str) for item in payload.texts(document, "A"))
    assert all(isinstance(item, dict) for item in payload.entries(document, "A"))
    assert all(path.lower().startswith("/redfish/") for path in payload.links(document, "A"))


@pytest.mark.parametrize(
    ("written", "read"),
    [("25.687000", 26), ("2", 2), (4.0, 4), (True, None), ("n/a", None), (None, None)],
)
def test_numbers_are_read_from_text_too(written: Any, read: int | None) -> None:
    assert payload.integer({"A": written}, "A") == read


@pytest.mark.parametrize("written", ["To be filled by O.E.M.", "   ", "N/A", "Unknown", "", None])
def test_placeholders_are_absent(written: Any) -> None:
    assert payload.text({"A": written}, "A") is None


def test_padding_is_no_part_of_a_value() -> None:
    assert payload.text({"A": "  CZ1234  "}, "A") == "CZ1234"


@pytest.mark.parametrize(
    ("reference", "path"),
    [
        ({"@odata.id": "/redfish/v1/Chassis/1/Power#/Fans/0"}, "/redfish/v1/Chassis/1/Power"),
        ("/redfish/v1/Managers/CIMC1", "/redfish/v1/Managers/CIMC1"),
        ({"Member": {"@odata.id": "/redfish/v1/Systems/1"}}, "/redfish/v1/Systems/1"),
        ({"@odata.id": "/NetworkDeviceFunctions/1/"}, None),
        ({"@odata.id": "https://elsewhere.example/redfish/v1/"}, None),
        ({"@odata.id": "#SmcSoftwareInventoryExtensions.v1_0_0"}, None),
        ({"@odata.id": "F0"}, None),
        ({"@odata.id": ""}, None),
        ({}, None),
    ],
)
def test_only_paths_of_this_service_are_links(reference: Any, path: str | None) -> None:
    assert payload.link(reference) == path


@pytest.mark.parametrize(
    ("status", "health"),
    [
        ({"Health": "OK"}, Health.OK),
        ({"Health": "Ok"}, Health.OK),
        ({"HealthRollUp": "Warning", "Health": "OK"}, Health.WARNING),
        ("Critical", Health.CRITICAL),
        ({"Health": None}, Health.UNKNOWN),
        ({}, Health.UNKNOWN),
        (None, Health.UNKNOWN),
    ],
)
def test_health_is_read_in_every_spelling(status: Any, health: Health) -> None:
    assert payload.health({"Status": status}, rolled_up=True) == health


def test_an_unknown_power_state_is_unknown() -> None:
    assert payload.power_state({"PowerState": "Standby"}) is PowerState.UNKNOWN


@pytest.mark.parametrize(
    ("written", "read"), [("0", "0"), (" 1111 ", "1111"), (0, "0"), ("A1", "A1"), ("N/A", None)]
)
def test_zero_is_a_name_for_a_place_though_not_for_a_serial(written: Any, read: str | None) -> None:
    assert payload.label({"A": written}, "A") == read
    assert payload.text({"A": "0"}, "A") is None
