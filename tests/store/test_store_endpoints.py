"""Endpoints come back as they were kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fleetd.domain.bare_metal import EnrollmentStore
from fleetd.domain.device import EndpointId
from fleetd.domain.endpoint import Reach, Root, Source
from fleetd.domain.errors import Conflict, InvalidInput
from fleetd.domain.ports import DeviceStore, DiscoveryStore, EndpointStore
from fleetd.store.database import Database
from tests.support.stored import LATER, NOW, an_endpoint

pytestmark = pytest.mark.asyncio

FULL = an_endpoint(
    "full",
    source=Source.SSDP,
    credential="lab",
    fingerprint="ab" * 32,
    site="north",
    labels=(("row", "7"), ("team", "ö")),
    driver="dell.idrac",
    root=Root(
        redfish_version="1.17.0",
        uuid="11111111-2222-4333-8444-555555555555",
        vendor="Dell",
        product="iDRAC",
        oem_keys=("Dell", "Hpe"),
        expand=True,
    ),
    reach=Reach.HELD,
    error="the service refused the credential",
    error_code="unauthorised",
    error_since=NOW,
    login_failed_at=NOW,
    login_failed_credential="lab",
    first_seen=NOW,
    last_seen=LATER,
    last_sweep_seconds=1.25,
)


def _fulfils(
    database: Database,
) -> tuple[EndpointStore, DeviceStore, DiscoveryStore, EnrollmentStore]:
    """For the type checker: the repositories are what the domain asks for."""
    return database.endpoints, database.devices, database.discoveries, database.enrollments


async def test_an_endpoint_comes_back_as_it_was_kept(database: Database) -> None:
    bare = an_endpoint("bare")

    await database.endpoints.save_endpoints([FULL, bare])

    assert await database.endpoints.endpoint(FULL.id) == FULL
    assert await database.endpoints.endpoint(bare.id) == bare


async def test_an_endpoint_is_found_by_its_address(database: Database) -> None:
    await database.endpoints.save_endpoints([FULL])

    assert await database.endpoints.endpoint_at(FULL.address) == FULL
    assert await database.endpoints.endpoint_at("https://elsewhere.example") is None


async def test_an_endpoint_kept_again_is_changed(database: Database) -> None:
    await database.endpoints.save_endpoints([FULL])
    changed = replace(FULL, reach=Reach.UP, error=None, error_code=None, error_since=None)

    await database.endpoints.save_endpoints([changed])

    assert await database.endpoints.endpoint(FULL.id) == changed


async def test_two_endpoints_at_one_address_are_refused_and_none_is_kept(
    database: Database,
) -> None:
    other = an_endpoint("other", address=FULL.address)

    with pytest.raises(Conflict):
        await database.endpoints.save_endpoints([an_endpoint("good"), FULL, other])

    assert (await database.endpoints.endpoints(limit=10)).items == ()


async def test_a_deleted_endpoint_is_gone_and_deleting_it_again_does_no_harm(
    database: Database,
) -> None:
    await database.endpoints.save_endpoints([FULL])

    await database.endpoints.delete_endpoint(FULL.id)
    await database.endpoints.delete_endpoint(FULL.id)

    assert await database.endpoints.endpoint(FULL.id) is None


async def test_pages_hold_every_endpoint_once_though_one_is_deleted_in_between(
    database: Database,
) -> None:
    endpoints = [an_endpoint(f"{number:02d}") for number in range(7)]
    await database.endpoints.save_endpoints(endpoints)

    first = await database.endpoints.endpoints(limit=3)
    await database.endpoints.delete_endpoint(first.items[-1].id)
    second = await database.endpoints.endpoints(limit=3, marker=first.marker)
    third = await database.endpoints.endpoints(limit=3, marker=second.marker)

    assert [*first.items, *second.items, *third.items] == endpoints
    assert third.marker is None


async def test_a_page_that_ends_with_the_listing_has_no_marker(database: Database) -> None:
    await database.endpoints.save_endpoints([an_endpoint("1"), an_endpoint("2")])

    page = await database.endpoints.endpoints(limit=2)

    assert len(page.items) == 2
    assert page.marker is None


@pytest.mark.parametrize("limit", [0, -1])
async def test_a_limit_that_is_no_positive_number_is_refused(
    database: Database, limit: int
) -> None:
    with pytest.raises(InvalidInput):
        await database.endpoints.endpoints(limit=limit)


@pytest.mark.parametrize("text", ["with\x00nul", "lone\ud800surrogate"], ids=["nul", "surrogate"])
async def test_an_identifier_that_no_text_can_hold_is_nobodys(
    database: Database, text: str
) -> None:
    try:
        found = await database.endpoints.endpoint(EndpointId(text))
    except InvalidInput:
        found = None

    assert found is None


async def test_endpoints_are_counted_by_their_reach(database: Database) -> None:
    assert await database.endpoints.reaches() == {}

    await database.endpoints.save_endpoints([FULL, an_endpoint("a"), an_endpoint("b")])

    assert await database.endpoints.reaches() == {Reach.HELD: 1, Reach.NEVER_TRIED: 2}
