"""Gigabyte's boards, which run AMI MegaRAC.

Sources: DSP0268 (properties), and those that each quirk names.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from fleetd.domain.errors import Unsupported
from fleetd.driverkit.behaviours.apply_time import ApplyTime
from fleetd.driverkit.behaviours.firmware import FirmwareUpdate, Image
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.effects import Replace
from fleetd.driverkit.request import Request
from fleetd.driverkit.spec import Axis, Driver
from fleetd.driverkit.standard import GENERIC
from fleetd_drivers.ami.behaviours import ImageTypeUpdate

_TOLD: Final = "tests/drivers/test_driver_laws.py::test_every_quirk_is_said_whole"


class ComponentUpdate(ImageTypeUpdate):
    """SimpleUpdate says which component it's for."""

    def pull(
        self, service: Resource, documents: Documents, image: Image, at: ApplyTime | None
    ) -> tuple[Request, ...]:
        """The standard's request with UpdateComponent.

        Raises:
            Unsupported: The image doesn't say what it's for, or has no URI.
        """
        if image.component is None:
            raise Unsupported("it must be said what the image is for", endpoint="", uri="")
        component = {"UpdateComponent": image.component.upper()}
        return tuple(
            replace(request, body={**(request.body or {}), **component})
            for request in super().pull(service, documents, image, at)
        )


BOARD: Final[Driver] = (
    GENERIC.derive("gigabyte.board", title="Gigabyte boards", vendor="Gigabyte", axis=Axis.BOARD)
    .matches(manufacturer="^Giga-?byte|^Giga Computing|^GBT")
    .matches(oem="GBTChassisOemProperty")
    .quirk(
        "update-names-its-component",
        Replace(FirmwareUpdate, by=ComponentUpdate),
        title="SimpleUpdate names the component",
        standard="DSP0268 'UpdateService': SimpleUpdate, Targets",
        bmc="UpdateComponent is demanded; the host in ImageURI must be an address; progress is in "
        "UpdateService.Oem.AMIUpdateService.UpdateInformation",
        action="UpdateComponent goes along",
        source="AMI-020, hms-firmware-action:cmd/hms-firmware-action/updateScheduler.go",
        test="tests/drivers/test_boards.py::test_gigabyte_s_pull_names_its_component",
    )
    .quirk(
        "no-host-interfaces",
        title="The host's interfaces aren't listed",
        standard="DSP0268 'ComputerSystem': EthernetInterfaces",
        bmc="An R272-Z30 with firmware 12 lists none; others guess the host's MAC from the BMC's",
        action="No MAC is guessed: ports without one stay so",
        source="AMI-019, hms-smd:pkg/redfish/rfcomponents.go",
        test="tests/drivers/test_boards.py::test_no_mac_is_guessed_from_the_bmc_s",
    )
    .quirk(
        "few-reset-types",
        title="Some ResetTypes are missing",
        standard="DSP0268 'ComputerSystem': Reset",
        bmc="PowerCycle or On aren't taken by some",
        action="What isn't taken is refused before it's sent, with what is",
        source="AMI-023, go-hal:internal/vendors/gigabyte",
        test="tests/drivers/test_ami.py::test_reset_types_are_read_where_they_stand",
    )
    .quirk(
        "empty-after-boot",
        title="Fields are empty after a boot",
        standard="DSP0268 'ComputerSystem'",
        bmc="Data is missing until the BMC is reset; old firmware gives an invalid ETag at Bios/SD",
        action="Told to people (fleetctl driver explain): a field that is empty is absent until "
        "the BMC is reset",
        source="AMI-021, AMI-022, docs-csm#832; community.general#6434",
        test=_TOLD,
    )
)
