"""RAID on PERC and BOSS controllers."""

from __future__ import annotations

from typing import Final

from fleetd.domain.errors import InvalidInput
from fleetd.driverkit.behaviours.apply_time import ApplyTime
from fleetd.driverkit.behaviours.volumes import Volumes, VolumeWish
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.effects import Replace
from fleetd.driverkit.quirk import Quirk
from fleetd.driverkit.request import Request
from fleetd_drivers.told import told

_LONGEST_NAME: Final = 15
_STAGED_ONLY: Final = ("AHCI.", "BOSS.")
_TESTS: Final = "tests/drivers/test_dell_raid.py"
_VOLUMES: Final = "DSP0268 'Volume'"


class PercVolumes(Volumes):
    """Names are short, and a BOSS makes volumes at the host's next start only."""

    def create(
        self,
        storage: Resource,
        documents: Documents,
        wish: VolumeWish,
        at: ApplyTime | None = None,
    ) -> tuple[Request, ...]:
        """The requests that make the volume.

        Raises:
            InvalidInput: The name is empty or longer than 15 characters.
            Unsupported: The subsystem has no volumes, not of that RAID type, or not at that time.
        """
        if wish.name is not None and not 0 < len(wish.name) <= _LONGEST_NAME:
            raise InvalidInput(f"a volume's name has 1 to {_LONGEST_NAME} characters here")
        if at is None and storage.last.startswith(_STAGED_ONLY):
            at = ApplyTime.ON_RESET
        return super().create(storage, documents, wish, at)


QUIRKS: Final = (
    Quirk(
        id="volume-name-length",
        effects=(Replace(Volumes, by=PercVolumes),),
        title="A volume's name has 1 to 15 characters",
        standard=f"{_VOLUMES}: Name has no limit",
        bmc="Longer names are refused",
        action="They're refused before anything is sent",
        source="DEL-079, dell scripts",
        test=f"{_TESTS}::test_a_name_that_is_too_long_is_refused_before_it_is_sent",
    ),
    Quirk(
        id="boss-staged-only",
        title="A BOSS does nothing while the host runs",
        standard="DSP0266 'Operation apply time'",
        bmc="Storage named AHCI or BOSS has no real-time jobs, no conversion, no foreign disks",
        action="Volumes there are made OnReset where nothing else is said",
        source="DEL-072, ironic:drivers/modules/drac/raid.py",
        test=f"{_TESTS}::test_a_boss_makes_volumes_at_the_next_start",
    ),
    Quirk(
        id="delete-takes-no-body",
        title="Deleting a volume takes no body",
        standard="DSP0266 'DELETE (delete)'; 'Operation apply time'",
        bmc="From 6.00.02 an apply time in a DELETE's body is answered 5xx (SYS029)",
        action="DELETE is sent without a body",
        source="DEL-076, sushy:resources/system/storage/volume.py",
        test=f"{_TESTS}::test_a_volume_is_deleted_without_a_body",
    ),
    told(
        "raid-service-readiness",
        title="A PERC takes changes later than the BMC says",
        standard=_VOLUMES,
        bmc="Real-time jobs need the host on and the RAID service ready; each controller takes "
        "one pending job; STOR018 means that there is no foreign configuration",
        advice="wait up to five minutes, change one controller after the other, take STOR018 for "
        "success",
        source="DEL-071, DEL-077, DEL-078, ironic:drivers/modules/drac/raid.py; sushy oem",
    ),
    told(
        "controller-modes",
        title="Controllers and drives have modes",
        standard="DSP0268 'StorageController' has none",
        bmc="PERC 9 and 10 switch between HBA and RAID at a reset, PERC 11 and later are RAID "
        "only; ConvertToRAID and ConvertToNonRAID change what a drive holds",
        advice="read ControllerMode, restart after a switch, take the inventory again",
        source="DEL-074, DEL-075, ironic:drivers/modules/drac/raid.py; sushy oem",
    ),
    told(
        "boss-after-decommission",
        title="A BOSS refuses volumes after its drives were decommissioned",
        standard=_VOLUMES,
        bmc="STOR060 on an R770 with iDRAC10 1.30.10.50",
        advice="run DellRaidService.ResetConfig for the BOSS first",
        source="DEL-073, infra-controller#2008",
    ),
)
