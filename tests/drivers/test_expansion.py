"""Which BMCs are asked for members with their collection ($expand), and which one by one."""

from __future__ import annotations

from typing import Any

import pytest

from fleetd.driverkit.facts import Facts
from fleetd.driverkit.registry import Registry

IDRAC9: dict[str, Any] = {"vendor": "Dell", "manager_model": "14G Monolithic"}


def expands(**facts: Any) -> bool:
    facts["oem"] = frozenset(facts.get("oem", ()))
    return Registry.load().choose(Facts(**facts)).traits.expand


@pytest.mark.parametrize(
    "facts",
    [
        {**IDRAC9, "manager_firmware": "6.00.30.00"},
        {"vendor": "Fujitsu", "manager_model": "iRMC S6"},
        {"oem": {"OpenBmc"}, "manager_model": "OpenBmc"},
        {"oem": {"Nvidia"}, "manager_model": "OpenBmc", "product": "GB200 NVL"},
        {"oem": {"Nvidia"}, "manager_model": "OpenBmc", "product": "BlueField-3 DPU"},
        {"oem": {"Ami"}, "manufacturer": "NVIDIA", "model": "DGXH100"},
    ],
    ids=["iDRAC9", "iRMC", "OpenBMC", "GB200", "BlueField", "DGX"],
)
def test_members_are_read_one_by_one_where_expansion_is_not_to_be_trusted(
    facts: dict[str, Any],
) -> None:
    assert not expands(**facts)


@pytest.mark.parametrize(
    "facts",
    [
        {**IDRAC9, "manager_firmware": "6.10.00.00"},
        {"vendor": "Dell", "manager_model": "17G Monolithic", "manager_firmware": "1.20.25.00"},
        {"vendor": "HPE", "oem": {"Hpe"}, "manager_model": "iLO 6"},
        {"vendor": "Contoso"},
    ],
    ids=["iDRAC9-since-6.10", "iDRAC10", "iLO6", "unknown"],
)
def test_others_are_asked_for_members_with_their_collection(facts: dict[str, Any]) -> None:
    assert expands(**facts)
