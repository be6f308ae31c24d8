"""A driver is a value: its verbs give new values, and a declaration that contradicts is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from fleetd.domain.errors import DeclarationError
from fleetd.driverkit.behaviours.behaviour import Behaviour
from fleetd.driverkit.behaviours.neighbours import Neighbours
from fleetd.driverkit.choice import choice_of
from fleetd.driverkit.effects import (
    Effect,
    Hide,
    Lacks,
    Patch,
    Reads,
    Replace,
    Trait,
)
from fleetd.driverkit.facts import Facts, Match
from fleetd.driverkit.plan import Follow
from fleetd.driverkit.quirk import QuirkWords
from fleetd.driverkit.spec import Driver
from fleetd.driverkit.standard import GENERIC
from fleetd.driverkit.version import Range

WORDS: QuirkWords = {
    "title": "t",
    "standard": "s",
    "bmc": "b",
    "action": "a",
    "source": "x",
    "test": "y",
}
ACME = GENERIC.derive("acme.bmc", title="Acme", vendor="Acme").matches(vendor="^Acme$")


class Silent(Neighbours):
    """Hears nothing."""


class Unrelated(Behaviour):
    """Another seam."""


def shout(body: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**body, "Name": str(body.get("Name", "")).upper()}


def since(firmware: Range) -> QuirkWords:
    return {**WORDS, "firmware": firmware}


def chosen(driver: Driver, facts: Facts | None = None) -> Any:
    known = facts or Facts(vendor="Acme")
    return choice_of(driver, None, known, because="a test", again=lambda _: chosen(driver))


def with_effect(*effects: Effect) -> Driver:
    return ACME.quirk("one", *effects, **WORDS)


def test_a_verb_leaves_the_driver_that_it_was_called_on_alone() -> None:
    louder = ACME.quirk("loud", Patch("Chassis", shout), **WORDS)

    assert ACME.quirks == ()
    assert [quirk.id for quirk in louder.quirks] == ["loud"]


def test_a_derived_driver_has_the_quirks_and_none_of_the_claims() -> None:
    child = ACME.quirk("loud", Patch("Chassis", shout), **WORDS).derive("acme.next", title="Next")

    assert [quirk.id for quirk in child.quirks] == ["loud"]
    assert child.claim(Facts(vendor="Acme")) is None


def test_a_child_that_conforms_drops_the_quirk() -> None:
    parent = ACME.quirk("loud", Patch("Chassis", shout), **WORDS)

    assert parent.derive("acme.next", title="Next").conforms("loud").quirks == ()


def test_dropping_a_quirk_that_is_not_there_is_refused() -> None:
    with pytest.raises(DeclarationError, match="no quirk 'loud'"):
        ACME.conforms("loud")


def test_a_quirk_is_declared_once() -> None:
    with pytest.raises(DeclarationError, match="twice"):
        ACME.quirk("loud", **WORDS).quirk("loud", **WORDS)


def test_a_quirk_names_its_source() -> None:
    with pytest.raises(DeclarationError, match="source"):
        ACME.quirk("loud", title="t", standard="s", bmc="b")


def test_a_behaviour_is_replaced_by_its_own_kind_only() -> None:
    with pytest.raises(DeclarationError, match="Unrelated is no Neighbours"):
        Replace(Neighbours, by=Unrelated)


def test_a_trait_must_exist() -> None:
    with pytest.raises(DeclarationError, match="no trait 'speed'"):
        Trait("speed", setting=1)


def test_a_match_asks_for_something() -> None:
    with pytest.raises(DeclarationError, match="at least one"):
        Match(without_oem=("Ami",))


def test_a_broken_expression_is_refused_where_it_is_declared() -> None:
    with pytest.raises(DeclarationError):
        Hide("Chassis", "(")
    with pytest.raises(DeclarationError):
        Match(vendor="(")


def test_a_name_has_the_form_of_a_slug() -> None:
    with pytest.raises(DeclarationError, match="no name"):
        GENERIC.derive("Acme BMC", title="Acme")


def test_a_patch_repairs_its_kind_of_resource_only() -> None:
    choice = chosen(with_effect(Patch("Chassis", shout)))

    assert choice.repair("Chassis", {"Name": "a"}) == {"Name": "A"}
    assert choice.repair("Manager", {"Name": "a"}) == {"Name": "a"}


def test_a_trait_changes_how_the_bmc_is_talked_to() -> None:
    assert chosen(ACME).traits.expand is True
    assert chosen(with_effect(Trait("expand", setting=False))).traits.expand is False


def test_what_is_hidden_is_hidden_in_any_case() -> None:
    choice = chosen(with_effect(Hide("Chassis", "/erot_")))

    assert choice.hides("Chassis", "/redfish/v1/Chassis/ERoT_1")
    assert not choice.hides("Manager", "/redfish/v1/Managers/ERoT_1")


def test_one_more_link_is_read_after_the_standard_ones() -> None:
    more = Follow("Oem/Acme/Cards", "NetworkAdapter")

    plan = chosen(with_effect(Reads("ComputerSystem", more))).plan

    assert plan["ComputerSystem"][-1] == more
    assert plan["ComputerSystem"][:-1] == chosen(ACME).plan["ComputerSystem"]


def test_a_behaviour_can_be_replaced_or_lacking() -> None:
    replaced = chosen(with_effect(Replace(Neighbours, by=Silent)))
    lacking = chosen(with_effect(Lacks(Neighbours)))

    assert type(chosen(ACME).behaviour(Neighbours)) is Neighbours
    assert type(replaced.behaviour(Neighbours)) is Silent
    assert lacking.behaviour(Neighbours) is None


def test_a_quirk_holds_in_its_range_of_firmware_only() -> None:
    driver = ACME.generation("Two", manager_model="^Two").quirk(
        "loud", Patch("Chassis", shout), **since(Range(generation="Two", before="2.0"))
    )
    old = Facts(vendor="Acme", manager_model="Two", manager_firmware="1.9")
    new = Facts(vendor="Acme", manager_model="Two", manager_firmware="2.0")

    assert [quirk.id for quirk in chosen(driver, old).quirks] == ["loud"]
    assert chosen(driver, new).quirks == ()


def test_a_choice_tells_the_quirks_that_hold_from_those_that_do_not() -> None:
    driver = ACME.quirk("loud", Patch("Chassis", shout), **WORDS).quirk(
        "old", **since(Range(before="1.0"))
    )
    facts = Facts(vendor="Acme", manager_firmware="3.0")

    choice = chosen(driver, facts)

    assert [quirk.id for quirk in choice.quirks] == ["loud"]
    assert [(quirk.id, quirk.limits) for quirk in choice.inactive] == [
        ("old", "any generation before 1.0")
    ]


def test_whether_to_expand_waits_until_the_firmware_is_known() -> None:
    old = Range(before="2.0")
    driver = ACME.quirk("slow", Trait("expand", setting=False), **since(old))

    assert chosen(driver, Facts(vendor="Acme")).traits.expand is True
    assert chosen(driver, Facts(vendor="Acme", manager_firmware="1.0")).traits.expand is False
    assert chosen(driver, Facts(vendor="Acme", manager_firmware="2.0")).traits.expand is True
