"""Supermicro: its own BMC firmware (X10 to X14), and its boards under another stack.

Sources: DSP0268 (properties), and those that each quirk names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fleetd.driverkit.payload import text
from fleetd.driverkit.spec import Axis, Driver, Patch
from fleetd.driverkit.standard import GENERIC


def with_board_serial(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where the chassis has no serial of its own, the board's is the best that there is."""
    board = text(body, "Oem/Supermicro/BoardSerialNumber")
    if board is None or text(body, "SerialNumber") is not None:
        return body
    return {**body, "SerialNumber": board}


BMC: Final[Driver] = (
    GENERIC.derive("supermicro.bmc", title="Supermicro BMC", vendor="Supermicro")
    .matches(vendor=r"^Super ?micro|^SMCI", without_oem=("OpenBmc", "Ami"))
    .matches(oem="Supermicro", without_oem=("OpenBmc", "Ami"))
    .matches(oem="Supermicro", manager_model="^ASPEED", without_oem=("OpenBmc", "Ami"))
    .matches(
        manager_model="^ASPEED",
        manufacturer=r"^Super ?micro|^SMCI",
        without_oem=("OpenBmc", "Ami"),
    )
    .quirk(
        "board-serial-in-oem",
        Patch("Chassis", with_board_serial),
        title="The board's serial is in an Oem property",
        standard="DSP0268 'Chassis': SerialNumber",
        bmc="Without a chassis serial only Oem.Supermicro.BoardSerialNumber tells boards apart",
        source="SMC-034, bmclib:internal/redfishwrapper/inventory",
    )
)

BOARD: Final[Driver] = GENERIC.derive(
    "supermicro.board",
    title="Supermicro boards under OpenBMC or AMI",
    vendor="Supermicro",
    axis=Axis.BOARD,
).matches(manufacturer=r"^Super ?micro|^SMCI")
