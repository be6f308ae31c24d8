"""OpenBMC (bmcweb), which runs under many makers' names: the board's overlay says whose it is.

Sources: DSP0268 (properties), and those that each quirk names.
"""

from __future__ import annotations

from typing import Final

from fleetd.driverkit.effects import Hide, Trait
from fleetd.driverkit.spec import Driver
from fleetd.driverkit.standard import GENERIC

BMCWEB: Final[Driver] = (
    GENERIC.derive("openbmc", title="OpenBMC (bmcweb)")
    .matches(manager_model="^OpenBMC$")
    .matches(oem="OpenBmc")
    .matches(oem="OpenBmc", manager_model="^OpenBMC$")
    .quirk(
        "root-of-trust-hangs",
        Hide("Chassis", r"/[a-z_]*erot[a-z0-9_]*/?$"),
        title="Chassis of roots of trust hang",
        standard="DSP0266: a GET is answered",
        bmc="Reading the chassis of an external root of trust can hang until the next request",
        action="They are never asked for",
        source="NVD-035, infra-controller:crates/bmc-explorer/src/lib.rs; ICF-005",
        test="tests/drivers/test_openbmc.py::test_a_root_of_trust_is_never_asked_for",
    )
    .quirk(
        "expand-drops-properties",
        Trait("expand", setting=False),
        title="Expanded members lack properties",
        standard="DSP0266 'The $expand query parameter'",
        bmc="Builds that offer $expand leave out required properties, or restrict its depth",
        action="Members are read one by one",
        source="NVD-039, AMI-014, nv-redfish:redfish/src/bmc_quirks.rs",
        test="tests/inventory/test_reading_faults.py::test_a_driver_can_forbid_expansion",
    )
)
