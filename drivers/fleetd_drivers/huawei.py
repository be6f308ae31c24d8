"""Huawei's and xFusion's iBMC.

Sources: DSP0266 (protocol), DSP0268 (properties), and those that each quirk names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from fleetd.domain.device import PowerState
from fleetd.domain.errors import Unsupported
from fleetd.driverkit.actions import action
from fleetd.driverkit.behaviours.bios import BiosSettings
from fleetd.driverkit.behaviours.boot_override import BootOverride
from fleetd.driverkit.behaviours.firmware import FirmwareUpdate, Image
from fleetd.driverkit.behaviours.readiness import Readiness
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.effects import Replace, Trait
from fleetd.driverkit.payload import integer, power_state, text
from fleetd.driverkit.plan import Follow
from fleetd.driverkit.request import Method, Part, Request
from fleetd.driverkit.spec import Driver
from fleetd.driverkit.standard import GENERIC
from fleetd.driverkit.version import Range
from fleetd.redfish.traits import EtagPolicy

_TOLD: Final = "tests/drivers/test_driver_laws.py::test_every_quirk_is_said_whole"
_HERE: Final = "tests/drivers/test_huawei.py::"
_ORDER: Final = tuple(f"BootTypeOrder{number}" for number in range(4))
_FOLDER: Final = "/tmp/web/"  # noqa: S108  # the BMC's own folder, in its API
_READY: Final = ("Oem/Huawei/StorageConfigReady", "Oem/xFusion/StorageConfigReady")


class OrderInBios(BootOverride):
    """The lasting order is four BIOS attributes, said together."""

    reads: ClassVar[Mapping[str, tuple[Follow, ...]]] = {
        "ComputerSystem": (Follow("Bios", "Bios"),)
    }

    def order(
        self, system: Resource, documents: Documents, references: tuple[str, ...]
    ) -> tuple[Request, ...]:
        """The request for the order of kinds, such as HardDiskDrive, PXE, DVDROMDrive, Others.

        Raises:
            Unsupported: It's no order of the four kinds that the BIOS has.
        """
        bios = next(documents.follow(system.body, "Bios"), None)
        settings = BiosSettings()
        current = settings.attributes(bios) if bios else {}
        if bios is None or sorted(references) != sorted(str(current.get(n)) for n in _ORDER):
            known = ", ".join(str(current[name]) for name in _ORDER if name in current)
            raise Unsupported(
                f"a boot order has each of: {known or 'nothing'}", endpoint="", uri=system.path
            )
        return settings.change(bios, documents, dict(zip(_ORDER, references, strict=True)))


class UploadedImages(FirmwareUpdate):
    """An image is uploaded as a form's file, and installed from the BMC's own folder then."""

    def push(self, service: Resource, image: Image) -> tuple[Request, ...]:
        """The upload, and SimpleUpdate of what was uploaded.

        Raises:
            Unsupported: There's no SimpleUpdate.
        """
        upload = Request(
            method=Method.POST,
            path=text(service.body, "HttpPushUri") or "",
            parts=(Part(name="imgfile", filename=image.name),),
        )
        simple = action(service, "UpdateService.SimpleUpdate", Documents())
        return (upload, simple.request(ImageURI=f"{_FOLDER}{image.name}"))


class StorageReadiness(Readiness):
    """After a boot RAID controllers aren't ready at once."""

    def waits_for(self, system: Resource, documents: Documents) -> str | None:
        """The storage, while the running host's isn't configured."""
        del documents
        on = power_state(system.body) is PowerState.ON
        return "storage" if on and integer(system.body, *_READY) == 0 else None


IBMC: Final[Driver] = (
    GENERIC.derive("huawei.ibmc", title="Huawei iBMC", vendor="Huawei")
    .matches(vendor="^Huawei|^Kunlun")
    .matches(oem="Huawei", without_oem=("xFusion",))
    .matches(manager_model="^iBMC", oem="Huawei", without_oem=("xFusion",))
    .matches(manufacturer="^Huawei|^Kunlun", manager_model="^iBMC", oem="Huawei")
    .matches(manufacturer="^Huawei|^Kunlun")
    .quirk(
        "if-match-demanded",
        Trait("etag", EtagPolicy.READ),
        title="Every PATCH carries the resource's ETag",
        standard="DSP0266 'ETags'",
        bmc="Without the current tag it's a 412",
        action="The ETag is read first and sent",
        source="HWX-001, community.general: ansible#60031; python-ibmcclient",
        test=f"{_HERE}test_every_change_states_the_version_that_was_read",
    )
    .quirk(
        "boot-order-in-bios",
        Replace(BootOverride, by=OrderInBios),
        title="The lasting boot order is four BIOS attributes",
        standard="DSP0268 'ComputerSystem': BootOrder",
        bmc="BootTypeOrder0 to 3 must be changed together",
        action="An order of the four kinds is sent as four attributes",
        source="HWX-002, ansible#60111; gofish#177",
        test=f"{_HERE}test_the_boot_order_is_four_attributes",
    )
    .quirk(
        "image-uploaded-first",
        Replace(FirmwareUpdate, by=UploadedImages),
        title="An image is uploaded first, and then installed",
        standard="DSP0268 'UpdateService': HttpPushUri takes an image and installs it",
        bmc="HttpPushUri takes a form with a file imgfile and keeps it in /tmp/web, from where "
        "SimpleUpdate installs it",
        action="Both requests are sent",
        source="Huawei iBMC Redfish API, 'Uploading a file', 'Upgrading firmware'",
        test=f"{_HERE}test_an_image_is_uploaded_and_then_installed",
    )
    .quirk(
        "storage-ready-later",
        Replace(Readiness, by=StorageReadiness),
        title="Storage isn't ready at once after a boot",
        standard="DSP0268 'Storage'",
        bmc="Oem.Huawei.StorageConfigReady is 0 until the controllers are known",
        action="Work waits for it",
        source="HWX-007, ironic:drivers/modules/ibmc/raid.py (stable/2025.1)",
        test=f"{_HERE}test_work_waits_for_storage_on_a_running_host",
    )
    .quirk(
        "expand-since",
        Trait("expand", setting=False),
        title="$expand works in newer firmware only",
        standard="DSP0266 'The $expand query parameter'",
        bmc="Before 5.62 it fails",
        action="Members are read one by one",
        source="HWX-006, check_redfish",
        test=f"{_HERE}test_members_are_expanded_by_newer_firmware_only",
        firmware=Range(before="5.62"),
    )
    .quirk(
        "managers-by-another-name",
        title="A system links its managers by another name",
        standard="DSP0268 'ComputerSystem': Links.ManagedBy",
        bmc="A 1288H or 2288H has Links.Managers; a manager's interface has no Status",
        action="A machine without ManagedBy has the endpoint's manager",
        source="HWX-003, HWX-005, sushy:resources/system/system.py; check_redfish:bmc.py",
        test=f"{_HERE}test_a_machine_without_managed_by_has_its_manager",
    )
    .quirk(
        "more-by-oem-and-licence",
        title="Supplies' power is in Oem sections; licences open features",
        standard="DSP0268 'Power': PowerSupplies",
        bmc="PowerSupplies have their watts in Oem.Huawei; LicenseService is linked in Oem",
        action="Told to people (fleetctl driver explain): what the standard place lacks is absent",
        source="HWX-004, HWX-008, check_redfish:cr_module/power.py; python-ibmcclient",
        test=_TOLD,
    )
    .quirk(
        "rebranded",
        title="The same machines are sold under other names",
        standard="DSP0268 'ComputerSystem': Manufacturer",
        bmc="Manufacturer says kunlun; xFusion's say Huawei or xFusion in Oem",
        action="kunlun is Huawei; xFusion has a driver that derives from Huawei's",
        source="HWX-009, gofish; idrac_exporter",
        test=f"{_HERE}test_ibmc_is_known_under_all_its_names",
    )
)

XFUSION: Final[Driver] = (
    IBMC.derive("xfusion.ibmc", title="xFusion iBMC", vendor="xFusion")
    .matches(vendor="^xFusion")
    .matches(oem="xFusion")
    .matches(vendor="^xFusion", oem="Huawei|xFusion")
    .matches(oem="xFusion", manager_model="^iBMC")
    .matches(manufacturer="^xFusion")
    .matches(manufacturer="^xFusion", oem="Huawei|xFusion")
    .matches(manufacturer="^xFusion", oem="Huawei|xFusion", manager_model="^iBMC")
)
