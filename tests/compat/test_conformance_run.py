"""DMTF's own tools against the standard personality, where they have been installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleetd_emulators.conformance.install import installed
from fleetd_emulators.conformance.targets import STANDARD, running, steps_for
from fleetd_emulators.conformance.tools import Bench
from fleetd_emulators.conformance.utilities import utilities

PLACE = Path(__file__).parents[2] / ".conformance"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not installed(PLACE), reason="run make conformance once to install them"),
]


@pytest.mark.asyncio
async def test_redfish_utilities_change_the_standard_bmc_and_it_shows(tmp_path: Path) -> None:
    bench = Bench(PLACE / "bin", tmp_path, None)
    chosen = [one for one in steps_for(STANDARD) if one.seen is not None]

    async with running(STANDARD) as target:
        outcome = await utilities(bench, target, tuple(chosen))

    assert outcome.failures == ()
    assert outcome.passed == len(chosen)
