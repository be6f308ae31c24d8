"""Knowledge of work that fleetd doesn't do yet, for the people and the workflows that will."""

from __future__ import annotations

from typing import Final

from fleetd.driverkit.facts import Match
from fleetd.driverkit.quirk import Quirk
from fleetd.driverkit.version import Range

PROOF: Final = "tests/drivers/test_driver_laws.py::test_every_quirk_is_said_whole"


def told(
    quirk_id: str,
    *,
    title: str,
    standard: str,
    bmc: str,
    advice: str,
    source: str,
    firmware: Range | None = None,
    when: Match | None = None,
) -> Quirk:
    """A quirk that changes nothing in fleetd: ``advice`` is what to do about it by hand."""
    return Quirk(
        id=quirk_id,
        title=title,
        standard=standard,
        bmc=bmc,
        action=f"Told to people (fleetctl driver explain): {advice}",
        source=source,
        test=PROOF,
        firmware=firmware,
        when=when,
    )
