"""Makers of boards under AMI's or OpenBMC's firmware, of whom no departure is known but a name.

Sources: the captures and projects that tell how they write themselves.
"""

from __future__ import annotations

from typing import Final

from fleetd.driverkit.behaviours.boot_override import BootOverride
from fleetd.driverkit.effects import Lacks
from fleetd.driverkit.spec import Axis, Driver
from fleetd.driverkit.standard import GENERIC

_NO_HANDLER: Final = "OBM-021, gofish:oem/zt"


def _board(name: str, title: str, vendor: str, manufacturer: str) -> Driver:
    return GENERIC.derive(f"{name}.board", title=title, vendor=vendor, axis=Axis.BOARD).matches(
        manufacturer=manufacturer
    )


def _nameable(board: Driver) -> Driver:
    return board.quirk(
        "stack-s-own-ways",
        title="The board has no ways of its own",
        standard="DSP0268 'ComputerSystem': Manufacturer",
        bmc="The board behaves as its stack does, AMI or OpenBMC",
        action="The stack's driver is used, and the maker has one name",
        source=_NO_HANDLER,
        test="tests/drivers/test_boards.py::test_a_maker_has_one_name_under_any_stack",
    )


QUANTA: Final[Driver] = _nameable(
    _board("quanta", "Quanta / QCT boards", "Quanta", r"^Quanta|^QCT\b")
)
WIWYNN: Final[Driver] = _nameable(_board("wiwynn", "Wiwynn boards", "Wiwynn", "^Wiwynn"))
AMPERE: Final[Driver] = _nameable(_board("ampere", "Ampere boards", "Ampere", r"^Ampere\b"))
ZT: Final[Driver] = _nameable(_board("zt", "ZT Systems boards", "ZT Systems", r"^ZT\b"))
ASROCK_RACK: Final[Driver] = _board("asrockrack", "ASRock Rack boards", "ASRock Rack", "^ASRock")
TYAN: Final[Driver] = _board("tyan", "Tyan / MiTAC boards", "MiTAC", r"^Tyan\b|^MiTAC")

IBM: Final[Driver] = _board("ibm", "IBM machines under OpenBMC", "IBM", r"^IBM\b").quirk(
    "no-boot-override",
    Lacks(BootOverride),
    title="There's no boot override",
    standard="DSP0268 'ComputerSystem': Boot.BootSourceOverride*",
    bmc="IBM's OpenBMC has removed BootSourceOverride*",
    action="A boot override is said to be unsupported",
    source="OBM-019, ibm-openbmc/bmcweb#209",
    test="tests/drivers/test_boards.py::test_ibm_s_openbmc_has_no_boot_override",
)

FOXCONN: Final[Driver] = _board(
    "foxconn", "Foxconn boards under OpenBMC", "Foxconn", "^Foxconn|^Hon Hai"
).quirk(
    "paradise-of-its-own",
    title="An XD224's power, ports and updates have ways of their own",
    standard="DSP0268 'Power', 'EthernetInterface', 'UpdateService'",
    bmc="Power is under ProcessorModule_0 with fractions of watts, and only while the host is on; "
    "interfaces are told apart by PCI ids; an update takes RestoreDefault and 120 s to settle",
    action="Told to people (fleetctl driver explain): fractions are read, ports have their paths",
    source="ICF-006, ICF-007, ICF-008, hms-smd:pkg/redfish/redfish-foxconn.go; "
    "hms-power-control:power-cap.go; "
    "hms-firmware-action:cmd/hms-firmware-action/updateScheduler.go",
    test="tests/drivers/test_driver_laws.py::test_every_quirk_is_said_whole",
)
