"""Firmware updates by an iDRAC."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fleetd.domain.device import Json
from fleetd.driverkit.behaviours.apply_time import OPERATION, ApplyTime
from fleetd.driverkit.behaviours.firmware import FirmwareUpdate, Image
from fleetd.driverkit.documents import Resource
from fleetd.driverkit.effects import Replace
from fleetd.driverkit.quirk import Quirk
from fleetd.driverkit.version import Range
from fleetd_drivers.told import told

_TESTS: Final = "tests/drivers/test_dell_jobs.py"
_UPDATES: Final = "DSP0268 'UpdateService'"


class PackageUpdate(FirmwareUpdate):
    """An update package says itself what it's for, and all parameters must be there."""

    def parameters(
        self, service: Resource, image: Image, at: ApplyTime | None
    ) -> Mapping[str, Json]:
        """UpdateParameters: no targets, and always a time."""
        del service, image
        return {"Targets": [], OPERATION: str(at or ApplyTime.IMMEDIATE), "Oem": {}}


QUIRKS: Final = (
    Quirk(
        id="multipart-takes-no-targets",
        effects=(Replace(FirmwareUpdate, by=PackageUpdate),),
        title="A multipart upload wants every parameter and takes no target",
        standard="DSP0266 'Multipart HTTP push updates': parameters are optional",
        bmc="Targets must be there and empty, and Oem and the apply time too; a package can't be "
        "aimed at a component; chunked transfer is refused",
        action="They're sent so, with the time asked for or at once",
        source="DEL-062, bmclib:providers/dell/firmware.go; fwupd:plugins/redfish",
        test=f"{_TESTS}::test_an_upload_has_every_parameter_and_no_target",
    ),
    Quirk(
        id="no-push-before-3-18",
        title="The first builds take no upload",
        standard=f"{_UPDATES}: HttpPushUri",
        bmc="Before 3.18 there's DellUpdateService only",
        action="Only the ways that a BMC offers are offered",
        source="DEL-063, dell#51",
        test=f"{_TESTS}::test_only_ways_that_are_offered_are_offered",
        firmware=Range(generation="iDRAC9", before="3.18"),
    ),
    told(
        "one-update-per-part",
        title="A second update of a part is refused while one waits",
        standard=_UPDATES,
        bmc='It fails while a job named "Firmware Update: BIOS", say, is in the queue',
        advice="look for such a job first",
        source="DEL-064, bmclib:providers/dell",
    ),
    told(
        "updates-end-later",
        title="An update is over when the part was restarted",
        standard=_UPDATES,
        bmc="JCP001 and RED014 mean that a reboot is needed, PR19 that the inventory is refreshed "
        "by one; Staged means not yet installed; an iDRAC's own image (25227) restarts it",
        advice="restart the host and read the inventory again; never restart the iDRAC too, but "
        "wait two minutes for it",
        source="DEL-067, DEL-068, DEL-070, fwupd:plugins/redfish; metal-operator",
    ),
)
