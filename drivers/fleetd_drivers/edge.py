"""Makers of few machines, of whose firmware little is known: Advantech, Bull / Eviden, Kontron.

Sources: DSP0268 (properties), and those that each quirk names.
"""

from __future__ import annotations

from typing import Final

from fleetd.driverkit.spec import Axis, Driver
from fleetd.driverkit.standard import GENERIC

_TOLD: Final = "tests/drivers/test_driver_laws.py::test_every_quirk_is_said_whole"

ADVANTECH: Final[Driver] = (
    GENERIC.derive("advantech.board", title="Advantech", vendor="Advantech", axis=Axis.BOARD)
    .matches(manufacturer="^Advantech")
    .quirk(
        "log-called-log",
        title="The system is 0 and its log is Log",
        standard="DSP0266 'Universal resource identifiers'",
        bmc="Systems/0/LogServices/Log",
        action="Only links are followed",
        source="OTH-004, check_redfish:cr_module/event.py",
        test="tests/drivers/test_boards.py::test_a_log_is_found_by_its_link",
    )
    .quirk(
        "resets-itself-after-update",
        title="The BMC restarts itself after its update",
        standard="DSP0268 'UpdateService'",
        bmc="It comes back after 100 s; a Manager.Reset meanwhile harms; the target is a wildcard",
        action="Told to people (fleetctl driver explain)",
        source="OTH-005, fwupd:plugins/redfish/redfish.quirk",
        test=_TOLD,
    )
)

BULL: Final[Driver] = (
    GENERIC.derive("bull.board", title="Bull / Atos / Eviden", vendor="Eviden", axis=Axis.BOARD)
    .matches(manufacturer=r"^Bull\b|^Atos\b|^Eviden")
    .quirk(
        "numbers-as-texts",
        title="Numbers are texts, and the vendor is called by other keys",
        standard="DSP0266 'Data types'",
        bmc="Oem.Manufacturer and redfishOEMId name the maker; numbers come as texts",
        action="Numbers are read from texts too; the board is matched by its manufacturer",
        source="OTH-006, check_redfish:cr_module/classes/redfish.py",
        test="tests/drivers/test_boards.py::test_a_number_that_is_a_text_is_a_number",
    )
)

KONTRON: Final[Driver] = (
    GENERIC.derive("kontron.board", title="Kontron", vendor="Kontron", axis=Axis.BOARD)
    .matches(manufacturer="^Kontron")
    .quirk(
        "push-to-the-service",
        title="Images are pushed to the UpdateService itself",
        standard="DSP0268 'UpdateService': HttpPushUri",
        bmc="HttpPushUri is /redfish/v1/UpdateService; there's no SimpleUpdate",
        action="The image is posted to wherever HttpPushUri says",
        source="OTH-009, Redfish-Tacklebox#99",
        test="tests/drivers/test_boards.py::test_an_image_is_pushed_to_wherever_it_is_said",
    )
)
