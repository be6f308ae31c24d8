"""Every well-founded fact of the project's catalogue of OEM behaviour has its quirk.

The catalogue lies beside the repository (``shared/quirks.json``) and is skipped where it doesn't.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from fleetd.driverkit.registry import Registry

_REPOSITORY: Final = Path(__file__).parents[2]
CATALOGUE: Final = Path(
    os.environ.get("FLEETD_QUIRKS", _REPOSITORY.parent / "shared" / "quirks.json")
)
WELL_FOUNDED: Final = frozenset({"A", "B"})
_ROW: Final = re.compile(r"\b[A-Z]{3}-\d{3}\b")

COVERED: Final[tuple[str, ...]] = (
    "AMI",
    "CSC",
    "DEL",
    "FTS",
    "HPE",
    "HWX",
    "ICF",
    "INS",
    "LEN",
    "NVD",
    "OBM",
    "OTH",
    "PDU",
    "SMC",
    "STO",
    "SWT",
)
"""The groups of the catalogue whose families have a driver, by the letters of their rows."""

DECLINED: Final[Mapping[str, str]] = {
    "AMI-013": "about the web interface's own /api/session, not Redfish",
    "AMI-024": "an upload by the maker's own /api, not Redfish",
    "AMI-025": "a login by the maker's own /api, not Redfish",
    "FTS-004": "about SNMPv3, which fleetd doesn't speak",
    "ICF-012": "these switches serve no Redfish",
    "ICF-013": "an Apollo 6500's chassis is a part of its server, whose own model is known",
    "PDU-001": "its root, which must tell the driver, is known by hearsay only: no capture has it",
    "PDU-002": "the standard's own layout, which the generic driver reads",
    "PDU-004": "told by SNMP's PDU2-MIB, not by Redfish",
    "PDU-005": "has no Redfish; behind Cray's translation it keeps to the standard's draft",
    "PDU-007": "has no Redfish, only a JSON interface of its own",
    "PDU-008": "has no Redfish, only pages for a browser",
    "PDU-009": "about the maker's own web interface, not Redfish",
    "PDU-010": "has no Redfish, only forms for a browser",
    "PDU-011": "SNMP's numbers for switching outlets, not Redfish's",
    "SMC-025": "an X11's upload by CGI and XML, not Redfish",
    "SMC-026": "an X11's login to its web pages, not Redfish",
    "STO-002": "a firmware update's way; no source says how such an enclosure's root tells itself",
    "STO-003": "no departure: storage at the root and below a System is read, and counted once",
    "STO-005": "about names of sensors' readings, which are no part of an inventory",
    "STO-006": "no departure in the resources: one program's view of an enclosure by its bays",
    "STO-007": "no departure: a System that is a DPU is told apart for every BMC",
    "SWT-001": "these switches serve no Redfish",
    "SWT-002": "no departure: both layouts of ports are read, as tests/inventory shows",
    "SWT-003": "no departure: the behaviour Neighbours is the seam, and Dell's quirk its use",
}
"""Rows that are no quirk of fleetd's drivers, each with its own reason."""


def catalogue() -> list[dict[str, Any]]:
    if not CATALOGUE.is_file():
        pytest.skip("the catalogue of OEM behaviour isn't here")
    rows: list[dict[str, Any]] = json.loads(CATALOGUE.read_text())
    return rows


def cited() -> frozenset[str]:
    return frozenset(
        row
        for driver in Registry.load().drivers
        for quirk in driver.quirks
        for row in _ROW.findall(quirk.source)
    )


@pytest.mark.parametrize("group", COVERED)
def test_every_well_founded_fact_is_a_quirk_or_declined(group: str) -> None:
    wanted = {
        row["id"]
        for row in catalogue()
        if row["id"].startswith(f"{group}-") and row["confidence"] in WELL_FOUNDED
    }

    assert wanted
    assert sorted(wanted - cited() - set(DECLINED)) == []


def test_what_is_declined_is_in_the_catalogue_and_cited_nowhere() -> None:
    known = {row["id"] for row in catalogue()}

    assert set(DECLINED) <= known
    assert not set(DECLINED) & cited()
    assert all(DECLINED.values())


def test_a_quirk_cites_only_rows_that_exist() -> None:
    prefixes = {row["id"].partition("-")[0] for row in catalogue()}
    known = {row["id"] for row in catalogue()}

    assert {row for row in cited() if row.partition("-")[0] in prefixes} <= known
