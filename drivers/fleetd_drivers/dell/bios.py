"""BIOS attributes of a PowerEdge: they wait for a job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from fleetd.domain.device import Json
from fleetd.domain.errors import Unsupported
from fleetd.driverkit.actions import find_action
from fleetd.driverkit.behaviours.apply_time import ApplyTime
from fleetd.driverkit.behaviours.bios import BiosSettings
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.effects import Lacks, Replace
from fleetd.driverkit.payload import link, text, texts, value
from fleetd.driverkit.plan import Follow
from fleetd.driverkit.quirk import Quirk
from fleetd.driverkit.request import Request, delete, post
from fleetd.driverkit.version import Range
from fleetd_drivers.told import told

_TESTS: Final = "tests/drivers/test_dell_bios.py"
_JOB: Final = "BIOSConfiguration"
_CLEAR: Final = "DellManager.ClearPending"
_WITHDRAWABLE: Final = frozenset({"New", "Scheduling", "Scheduled"})
_SETTINGS: Final = "DSP0266 'Settings resource'"


class JobBios(BiosSettings):
    """A change is carried out by a job: made by the apply time, or by hand where there's none."""

    reads: ClassVar[Mapping[str, tuple[Follow, ...]]] = {
        **BiosSettings.reads,
        "BiosSettings": (Follow("Oem/Dell/Jobs", "DellJob"),),
    }

    def change(
        self,
        bios: Resource,
        documents: Documents,
        changes: Mapping[str, Json],
        at: ApplyTime | None = None,
    ) -> tuple[Request, ...]:
        """The requests that stage the changes and have a job for them, never two jobs.

        Raises:
            Unsupported: The attributes can't be changed, or not at that time.
        """
        staged = super().change(bios, documents, changes, at or ApplyTime.ON_RESET)
        if texts(bios.body, "@Redfish.Settings/SupportedApplyTimes"):
            return staged
        place = self.place(bios)
        settings = documents.get(place)
        jobs = link(value(settings.body, "Oem/Dell/Jobs")) if settings else None
        if jobs is None:
            raise Unsupported("there's no queue of jobs here", endpoint="", uri=place)
        return (*staged, post(jobs, {"TargetSettingsURI": place}))

    def withdraw(self, bios: Resource, documents: Documents) -> tuple[Request, ...]:
        """The requests that take back the job with its attributes, or what lies without a job."""
        jobs = [
            job
            for job in documents.of_kind("DellJob")
            if text(job.body, "JobType") == _JOB and text(job.body, "JobState") in _WITHDRAWABLE
        ]
        if jobs:
            return tuple(delete(job.path) for job in jobs)
        if not self.pending(bios, documents):
            return ()
        settings = documents.get(self.place(bios))
        clear = find_action(settings, _CLEAR, documents) if settings else None
        return (clear.request(),) if clear else super().withdraw(bios, documents)


QUIRKS: Final = (
    Quirk(
        id="bios-needs-a-job",
        effects=(Replace(BiosSettings, by=JobBios),),
        title="BIOS changes wait for a job",
        standard=f"{_SETTINGS}: without an apply time the service chooses",
        bmc="Without an apply time attributes lie staged for ever; with OnReset the job is made "
        "by the iDRAC and a second one is refused; an iDRAC7 or 8 knows no apply times and wants "
        "its job posted",
        action="OnReset is always said where it's offered, else a job is posted for the settings; "
        "what waits is withdrawn with its job",
        source="DEL-027, DEL-028, DEL-030, badfish#373; quads#726; badfish:src/badfish/main.py",
        test=f"{_TESTS}::test_a_change_has_exactly_one_job",
    ),
    Quirk(
        id="early-builds-lack-bios",
        effects=(Lacks(BiosSettings),),
        title="The first Redfish builds have no Bios",
        standard="DSP0268 'ComputerSystem': Bios",
        bmc="Before 2.50.50.50 there's no Bios, in the first builds no UpdateService, and the "
        "AccountService is below the manager",
        action="Such a BMC is taken to have no BIOS settings; what isn't linked isn't asked for",
        source="DEL-005, dell/iDRAC-Redfish-Scripting#6, #7",
        test=f"{_TESTS}::test_a_build_without_bios_has_no_bios_settings",
        firmware=Range(generation="iDRAC8", before="2.50.50.50"),
    ),
    Quirk(
        id="reset-bios-wants-a-body",
        title="ResetBios wants an empty body, and a reboot",
        standard="DSP0266 'POST (action)': an action without parameters may have no body",
        bmc="Without a body it's refused",
        action="Actions are always posted with a body",
        source="DEL-035, sushy:resources/system/bios.py",
        test=f"{_TESTS}::test_defaults_are_asked_for_with_a_body",
    ),
    told(
        "one-bios-job",
        title="One BIOS job at a time",
        standard=_SETTINGS,
        bmc="While a job is scheduled other writes are refused with 400 or 403; boot mode and "
        "Secure Boot are such jobs too; Bios may show new values before the job is done",
        advice="let the job run or delete it, then write; believe the values after the job's end",
        source="DEL-023, DEL-029, DEL-031, dell#249; ironic:drivers/modules/drac/management.py; "
        "libredfish#25",
    ),
    told(
        "stuck-queue",
        title="A stuck queue is cleared by an action",
        standard="DSP0268 'JobService' has none",
        bmc="DellJobService.DeleteJobQueue with JID_CLEARALL; old firmware lacks it, lockdown "
        "refuses it, the FORCE variant restarts the Lifecycle Controller; at JCP052 only a "
        "restart of the iDRAC helps",
        advice="unlock, clear, wait until the Lifecycle Controller is ready",
        source="DEL-033, DEL-059, ironic:drivers/modules/drac/management.py; metal-operator#453",
    ),
    told(
        "attributes-by-generation",
        title="Attributes differ by generation",
        standard="DSP0268 'AttributeRegistry'",
        bmc="An iDRAC10 lacks RedirAfterBoot, has BootMode read-only and other serial values; "
        "registries say Readonly for ReadOnly and have negative bounds; a GET may show the "
        "display name of a value that's set by its ValueName",
        advice="take names and values from the machine's own registry",
        source="DEL-034, DEL-036, libredfish#26; metal-operator:bmc/redfish_dell.go; understack",
    ),
    told(
        "setup-password",
        title="A setup password is cleared by a profile on old builds",
        standard="DSP0268 'Bios': ChangePassword",
        bmc="Older iDRAC9 can't clear it by Redfish",
        advice="import a server configuration profile",
        source="DEL-102, dell#308",
    ),
    told(
        "profiles",
        title="Server configuration profiles have rules of their own",
        standard="DSP0268 'Manager' has none",
        bmc="LC068 and RAC0679 refuse one while other work waits; an iDRAC10 wants Target as a "
        "list and no white space; an export holds the iDRAC's addresses, and may say Running "
        "for ever; on an iDRAC8 it may answer 503",
        advice="fleetd uses none; by hand, strip iDRAC settings, take CompletedWithErrors for a "
        "failure, and try again every 15 s",
        source="DEL-018, DEL-048, DEL-049, DEL-050, DEL-061, sushy:oem/dell; dell scripts; badfish",
    ),
)
