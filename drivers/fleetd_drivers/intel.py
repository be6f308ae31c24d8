"""Intel's server boards: S2600 behind Intel's own BMC, later ones under OpenBMC.

Sources: DSP0268 (properties), and those that each quirk names.
"""

from __future__ import annotations

from typing import Final

from fleetd.driverkit.effects import Reads
from fleetd.driverkit.plan import Follow
from fleetd.driverkit.spec import Axis, Driver
from fleetd.driverkit.standard import GENERIC

_TOLD: Final = "tests/drivers/test_driver_laws.py::test_every_quirk_is_said_whole"
_HERE: Final = "tests/drivers/test_intel.py::"
_MAKER: Final = r"^Intel\b"

BMC: Final[Driver] = (
    GENERIC.derive("intel.bmc", title="Intel BMC (S2600)", vendor="Intel")
    .matches(manufacturer=_MAKER, manager_model=r"^S2600")
    .matches(manufacturer=_MAKER, manager_model=r"^S2600", oem="Intel_RackScale")
    .matches(manufacturer=_MAKER, model=r"^S2600", oem="Intel_RackScale")
    .quirk(
        "firmware-as-software",
        Reads("UpdateService", Follow("SoftwareInventory", "SoftwareInventory")),
        title="Firmware is listed as software",
        standard="DSP0268 'UpdateService': FirmwareInventory",
        bmc="UpdateService links SoftwareInventory only, with BMC, BIOS, ME, SDR and backplane",
        action="It's read as firmware",
        source="intel-bmc-1.93-s2600bpb-csm capture",
        test=f"{_HERE}test_software_of_an_s2600_is_its_firmware",
    )
    .quirk(
        "no-host-interfaces",
        title="The host's interfaces aren't listed",
        standard="DSP0268 'ComputerSystem': EthernetInterfaces",
        bmc="There are none; others count the host's MAC up from the BMC's",
        action="No MAC is guessed",
        source="ICF-001, hms-smd:pkg/redfish/rfcomponents.go",
        test=f"{_HERE}test_no_mac_of_an_s2600_is_guessed",
    )
    .quirk(
        "chassis-of-one-node",
        title="One node is spread over several chassis",
        standard="DSP0268 'Chassis': Links.ContainedBy",
        bmc="RackMount, Baseboard, HSBackplane, and a StandAlone",
        action="They are one device, and its parts",
        source="ICF-002, hms-smd:pkg/redfish/rfcomponents.go",
        test=f"{_HERE}test_the_chassis_of_an_s2600_are_one_device",
    )
    .quirk(
        "update-by-item",
        title="Updates are actions of each item",
        standard="DSP0268 'UpdateService': SimpleUpdate",
        bmc="Each member of the inventory has Intel.Oem.Update and its name as an action",
        action="Told to people (fleetctl driver explain): only SimpleUpdate is used",
        source="ICF-003, hms-firmware-action:cmd/hms-firmware-action/updateScheduler.go",
        test=_TOLD,
    )
)

BOARD: Final[Driver] = (
    GENERIC.derive("intel.board", title="Intel boards", vendor="Intel", axis=Axis.BOARD)
    .matches(manufacturer=_MAKER)
    .quirk(
        "update-service-fails-now-and-then",
        title="UpdateService answers 500 now and then",
        standard="DSP0266 'Status codes'",
        bmc="It passes; Oem.ApplyOptions.ClearConfig would clear the configuration",
        action="Told to people (fleetctl driver explain); ApplyOptions is never sent",
        source="ICF-004, Intel-BMC/openbmc#45",
        test=_TOLD,
    )
)
