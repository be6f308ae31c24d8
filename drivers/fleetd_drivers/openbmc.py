"""OpenBMC (bmcweb), which runs under many makers' names: the board's overlay says whose it is.

Sources: DSP0268 (properties), and those that each quirk names.
"""

from __future__ import annotations

from typing import Final

from fleetd.driverkit.spec import Driver, Hide, Trait
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
        source="NVD-035, infra-controller:crates/bmc-explorer/src/lib.rs; ICF-005",
    )
    .quirk(
        "expand-drops-properties",
        Trait("expand", setting=False),
        title="Expanded members lack properties",
        standard="DSP0266 'The $expand query parameter'",
        bmc="Builds that offer $expand leave out required properties, or restrict its depth",
        source="NVD-039, AMI-014, nv-redfish:redfish/src/bmc_quirks.rs",
    )
)
