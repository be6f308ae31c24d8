"""Which driver an endpoint gets, and that a stranger's driver needs an entry point and no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from fleetd.domain.endpoint import Root
from fleetd.domain.errors import DeclarationError, NotFound
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.registry import Registry
from fleetd.driverkit.spec import Axis
from fleetd.driverkit.standard import GENERIC
from fleetd_emulators.hardware import Personality
from fleetd_emulators.servers.documents import documents
from tests.support.trees import TreeReader, emulated_server, read

ACME = GENERIC.derive("acme.bmc", title="Acme", vendor="Acme").matches(vendor="^Acme")
EXACT = ACME.derive("acme.exact", title="Acme Exact").matches(vendor="^Acme", product="^Exact$")
STACK = GENERIC.derive("stack", title="A stack of many makers").matches(oem="Stack")
BOARD = GENERIC.derive("acme.board", title="Acme boards", vendor="Acme", axis=Axis.BOARD).matches(
    manufacturer="^Acme"
)


@dataclass(frozen=True)
class Point:
    """What importlib.metadata gives for an installed package."""

    name: str
    loaded: Any
    value: str = "acme_fleetd:DRIVER"

    def load(self) -> Any:
        if isinstance(self.loaded, BaseException):
            raise self.loaded
        return self.loaded


def test_nobody_s_endpoint_gets_the_generic_driver() -> None:
    choice = Registry.of([ACME]).choose(Facts(vendor="Somebody"))

    assert choice.name == "generic"


def test_the_most_specific_match_wins() -> None:
    registry = Registry.of([ACME, EXACT])

    assert registry.choose(Facts(vendor="Acme", product="Exact")).name == "acme.exact"
    assert registry.choose(Facts(vendor="Acme", product="Other")).name == "acme.bmc"


def test_an_equal_claim_by_two_drivers_is_an_error_and_no_coin_toss() -> None:
    twin = GENERIC.derive("acme.twin", title="Twin").matches(vendor="^Acm")

    with pytest.raises(DeclarationError, match=r"acme\.bmc and acme\.twin"):
        Registry.of([ACME, twin]).choose(Facts(vendor="Acme"))


def test_a_key_that_must_not_be_there_lifts_the_claim() -> None:
    driver = GENERIC.derive("acme.own", title="Own").matches(vendor="^Acme", without_oem=("Ami",))

    choice = Registry.of([driver]).choose(Facts(vendor="Acme", oem=frozenset({"AMI"})))

    assert choice.name == "generic"


def test_a_board_s_maker_overlays_a_stack_of_many_makers() -> None:
    registry = Registry.of([STACK, BOARD])

    choice = registry.choose(Facts(oem=frozenset({"Stack"}), manufacturer="Acme Inc."))

    assert (choice.name, choice.vendor) == ("stack", "Acme")
    assert choice.overlay is BOARD


def test_a_stack_of_one_maker_takes_no_overlay() -> None:
    choice = Registry.of([ACME, BOARD]).choose(Facts(vendor="Acme", manufacturer="Acme"))

    assert choice.overlay is None


def test_the_choice_is_made_again_when_more_is_known() -> None:
    early = Registry.of([ACME, EXACT]).select(Root(redfish_version="1.6.0", vendor="Acme"))

    later = early.refined(Facts(vendor="Acme", product="Exact"))

    assert (early.name, later.name) == ("acme.bmc", "acme.exact")


def test_a_driver_that_a_person_named_is_kept() -> None:
    choice = Registry.of([ACME]).named("acme.bmc", Facts(vendor="Somebody"))

    assert choice.refined(Facts(vendor="Somebody", model="X")).name == "acme.bmc"


def test_naming_a_driver_that_is_not_installed_is_an_error() -> None:
    with pytest.raises(NotFound, match="'acme'"):
        Registry.of([]).named("acme", Facts())


def test_a_driver_of_another_package_is_found_by_its_entry_point() -> None:
    registry = Registry.load([Point("acme", ACME)])

    assert registry.choose(Facts(vendor="Acme")).name == "acme.bmc"


@pytest.mark.asyncio
async def test_a_driver_of_another_package_reads_its_machines() -> None:
    server = documents(emulated_server(Personality.GENERIC))
    server["/redfish/v1"]["Vendor"] = "Acme Corp"
    registry = Registry.load([Point("acme", ACME)])

    reading = await read(TreeReader(server), registry)

    assert (reading.driver, reading.vendor) == ("acme.bmc", "Acme")


@pytest.mark.parametrize(
    "broken",
    [ImportError("no module named acme"), "no driver", ZeroDivisionError("oops"), SystemExit(3)],
)
def test_a_broken_entry_point_is_reported_and_the_others_work(broken: Any) -> None:
    registry = Registry.load([Point("broken", broken), Point("acme", ACME)])

    assert [item.entry_point for item in registry.rejected] == ["broken"]
    assert registry.choose(Facts(vendor="Acme")).name == "acme.bmc"


def test_a_second_driver_of_one_name_is_reported() -> None:
    registry = Registry.load([Point("a", ACME), Point("b", ACME)])

    assert [item.entry_point for item in registry.rejected] == ["b"]


def test_what_a_family_means_to_ironic_is_found_by_the_name_that_a_device_carries() -> None:
    registry = Registry.load()

    assert registry.driver("dell.idrac").ironic.hardware[0].hardware_type == "idrac"
    assert registry.driver("generic").ironic.hardware[0].hardware_type == "redfish"
