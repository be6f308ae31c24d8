"""ASRock Rack's boards, which run AMI MegaRAC.

Sources: DSP0268 (properties), and those that each quirk names.
"""

from __future__ import annotations

from typing import Final

from fleetd.driverkit.behaviours.boot_override import BootOverride
from fleetd.driverkit.effects import Replace
from fleetd.driverkit.spec import Axis, Driver
from fleetd.driverkit.standard import GENERIC
from fleetd_drivers.ami.behaviours import FutureStateBootOverride

BOARD: Final[Driver] = (
    GENERIC.derive(
        "asrockrack.board", title="ASRock Rack boards", vendor="ASRock Rack", axis=Axis.BOARD
    )
    .matches(manufacturer="^ASRock")
    .matches(vendor="^ASRock")
    .matches(vendor="^ASRock", manufacturer="^ASRock")
    .quirk(
        "boot-in-future-state",
        Replace(BootOverride, by=FutureStateBootOverride),
        title="A boot override is taken at the settings resource only",
        standard="DSP0268 'ComputerSystem': Boot; DSP0266 'Settings resource'",
        bmc="A WRX80 answers OperationSupportedInFutureStateURI to a PATCH of the system",
        action="The override is sent to the settings resource",
        source="AMI-003, Redfish-Tacklebox#144",
        test="tests/drivers/test_boards.py::test_asrock_s_override_goes_to_the_settings_resource",
    )
)
