"""Addresses in one form, and nothing in them that doesn't belong."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetd.domain.endpoint import normal_address
from fleetd.domain.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("10.0.0.1", "https://10.0.0.1"),
        ("HTTPS://BMC-1.Example:443/", "https://bmc-1.example"),
        ("http://10.0.0.1:80", "http://10.0.0.1"),
        ("http://10.0.0.1:8000/redfish/v1/", "http://10.0.0.1:8000"),
        ("FD00::1", "https://[fd00::1]"),
        ("[fd00:0::1]:8443", "https://[fd00::1]:8443"),
    ],
)
def test_an_address_has_one_form(text: str, address: str) -> None:
    assert normal_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ftp://10.0.0.1",
        "https://",
        "https://10.0.0.1/redfish/v1/Systems",
        "https://10.0.0.1?x=1",
        "https://10.0.0.1:99999",
        "https://10.0.0.1:0",
        "a b",
        "-host",
        "http://[::1]x",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        normal_address(text)


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(InvalidInput) as refusal:
        normal_address("https://root:calvin@10.0.0.1")

    assert "calvin" not in str(refusal.value)


@given(st.ip_addresses(), st.one_of(st.none(), st.integers(1, 65535)))
def test_the_form_is_a_fixed_point(
    host: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int | None
) -> None:
    text = f"[{host}]" if host.version == 6 else str(host)
    once = normal_address(text if port is None else f"{text}:{port}")

    assert normal_address(once) == once


@given(st.text())
def test_any_text_is_an_address_or_a_clear_refusal(text: str) -> None:
    try:
        address = normal_address(text)
    except InvalidInput:
        return
    assert normal_address(address) == address
