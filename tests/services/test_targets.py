"""Where discovery looks: made lazily, and never more than was asked."""

from __future__ import annotations

from itertools import islice

import pytest

from fleetd.config.discovery import RangeEntry
from fleetd.domain.errors import InvalidInput
from fleetd.services.discovery.targets import from_range, parse_target, range_size


def addresses(text: str) -> list[str]:
    return [target.address for target in parse_target(text)[0]]


def test_a_network_gives_its_hosts_without_network_and_broadcast_address() -> None:
    assert addresses("10.0.0.0/30:8443") == ["https://10.0.0.1:8443", "https://10.0.0.2:8443"]


def test_a_single_address_keeps_its_scheme_and_port() -> None:
    assert addresses("http://bmc-1:8000") == ["http://bmc-1:8000"]


def test_excluded_addresses_are_left_out() -> None:
    entry = RangeEntry(cidr="10.0.0.0/29", exclude=("10.0.0.2", "10.0.0.4/31"))

    assert [target.address for target in from_range(entry)] == [
        "https://10.0.0.1",
        "https://10.0.0.3",
        "https://10.0.0.6",
    ]


def test_every_port_of_a_range_is_looked_at() -> None:
    entry = RangeEntry(cidr="10.0.0.0/31", ports=(443, 8443))

    assert len(list(from_range(entry))) == range_size(entry) == 4


def test_a_large_range_is_made_one_at_a_time() -> None:
    targets, size = parse_target("fd00::/111")

    assert size == 2**17
    assert [target.address for target in islice(targets, 2)] == [
        "https://[fd00::1]",
        "https://[fd00::2]",
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("10.0.0.0/8", "too large"),
        ("10.0.0.1/24", "host bits"),
        ("10.0.0.0/24:0x1", "address"),
        ("https://10.0.0.1/redfish/v1/Systems", "path"),
    ],
)
def test_a_wrong_target_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        parse_target(text)
