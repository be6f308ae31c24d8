"""Logins, accounts, updates and media: where an XCC leaves the standard."""

from __future__ import annotations

from typing import Final

from fleetd.driverkit.behaviours.accounts import Accounts
from fleetd.driverkit.behaviours.firmware import FirmwareUpdate
from fleetd.driverkit.behaviours.virtual_media import VirtualMedia
from fleetd.driverkit.effects import Hide, Replace, Trait
from fleetd.driverkit.quirk import Quirk
from fleetd.redfish.traits import EtagPolicy
from fleetd_drivers.lenovo.service import ClaimedUpdate, ExternalMedia, XccAccounts
from fleetd_drivers.told import told

_TESTS: Final = "tests/drivers/test_lenovo.py"
_SERVICE: Final = "tests/drivers/test_lenovo_service.py"
_ACCOUNTS: Final = "DSP0268 'ManagerAccount'"
_MEDIA: Final = "DSP0268 'VirtualMedia'"
_TASKS: Final = "DSP0266 'Asynchronous operations'"

QUIRKS: Final = (
    Quirk(
        id="generation-in-manager-model",
        title="The generation is the last word of the manager's model",
        standard="DSP0268 'Manager': Model",
        bmc='"Lenovo XClarity Controller" is the first, " 2" and " 3" the later ones; SR635, SR655 '
        "and HS350X V3 have AMI's firmware though Lenovo made them",
        action="The model names the generation; the key Ami makes it an AMI stack with Lenovo's "
        "overlay",
        source="LEN-001, LEN-002, lenovo scripts; libredfish:src/lenovo.rs; libredfish#34",
        test=f"{_TESTS}::test_stack_and_generation_are_known",
    ),
    Quirk(
        id="spare-and-staged-firmware-listed",
        effects=(Hide("SoftwareInventory", r"-(?:Backup|Pending)/?$"),),
        title="Spare and staged firmware is listed with what runs",
        standard="DSP0268 'UpdateService': FirmwareInventory is the firmware that's installed",
        bmc="Beside BMC-Primary and UEFI come BMC-Backup and, while an update waits, -Pending",
        action="Only what runs is read",
        source="LEN-009, fwupd:redfish.quirk",
        test=f"{_TESTS}::test_spare_and_staged_firmware_is_not_listed",
    ),
    Quirk(
        id="supplies-in-the-enclosure",
        title="Dense nodes have no power supplies and fans of their own",
        standard="DSP0268 'Chassis': PowerSubsystem, ThermalSubsystem",
        bmc="SD530, SN550 and SD650 leave them to the enclosure's manager: none is no fault",
        action="A node without supplies and fans is whole",
        source="LEN-042, check_redfish#79",
        test="tests/inventory/test_devices_of_an_endpoint.py::"
        "test_blades_and_their_enclosure_are_devices_of_their_own",
    ),
    Quirk(
        id="few-sessions",
        title="Sixteen sessions at most",
        standard="DSP0266 'Session management' sets no number",
        bmc="The seventeenth login fails until a session ends, so each must be closed",
        action="One session is shared by all work, and closed at the end",
        source="LEN-028",
        test="tests/redfish/test_redfish_sessions.py::test_connecting_twice_reuses_the_session",
    ),
    Quirk(
        id="etag-demanded",
        effects=(Trait("etag", setting=EtagPolicy.STAR),),
        title="A PATCH needs If-Match, and some ETags change at each reading",
        standard="DSP0266 'ETags': If-Match is the client's choice unless 428 is answered",
        bmc="412 without it; Chassis/1/Power has a new ETag each time",
        action="If-Match: * is sent",
        source="LEN-021, community.general#11261; lenovo scripts",
        test=f"{_SERVICE}::test_an_account_fills_a_slot_of_an_xcc",
    ),
    Quirk(
        id="accounts-in-slots",
        effects=(Replace(Accounts, by=XccAccounts),),
        title="Accounts are slots",
        standard=f"{_ACCOUNTS}: made by POST",
        bmc="On Purley machines POST is refused; a blank name empties a slot; custom roles are "
        "CustomRole and a number; the Id is IPMI's less one",
        action="An empty slot is filled where one is shown; accounts are known by their names",
        source="LEN-029, LEN-030, lenovo scripts; bmclib:providers/lenovo/user.go; fwupd",
        test=f"{_SERVICE}::test_an_account_fills_a_slot_of_an_xcc",
    ),
    told(
        "first-login-and-chassis-accounts",
        title="The factory's password must be changed, and a chassis may own accounts",
        standard=f"{_ACCOUNTS}: PasswordChangeRequired",
        bmc="Account 1 is the factory's and must change at its first login; on SN550 and SN850 "
        "the chassis' manager owns the accounts; a lock-out lasts a minute at least",
        advice="change the password first; change a blade's accounts at its chassis",
        source="LEN-031, LEN-032, LEN-033, libredfish:src/lenovo.rs; bmclib; lenovo scripts",
    ),
    Quirk(
        id="upload-claims-the-service",
        effects=(Replace(FirmwareUpdate, by=ClaimedUpdate),),
        title="An upload claims the update service; versions carry the build's name",
        standard="DSP0268 'UpdateService': HttpPushUriTargetsBusy is a client's to use",
        bmc="HttpPushUriTargetsBusy and HttpPushUriTargets are set before and cleared after; a "
        "multipart upload takes OnStartUpdateRequest, then StartUpdate, or Immediate",
        action="The claim is made and ended around every upload (after one that failed it's the "
        "last request that must still be sent); versions are told without the build's name",
        source="LEN-007, LEN-008, LEN-009, bmclib:providers/lenovo/firmware_push.go; "
        "infra-controller",
        test=f"{_SERVICE}::test_an_upload_claims_the_service_and_lets_go",
    ),
    Quirk(
        id="monitor-takes-the-task-away",
        title="Reading a monitor removes a finished task",
        standard=f"{_TASKS}: a task is kept after its monitor was read",
        bmc="The second reading answers 404",
        action="The task is followed where the answer names it, not its monitor",
        source="LEN-005, bmclib:providers/lenovo/firmware.go",
        test=f"{_SERVICE}::test_the_task_is_followed_and_not_its_monitor",
    ),
    Quirk(
        id="tasks-become-jobs",
        title="A task goes on as a job",
        standard="DSP0268 'TaskEvent': OperationTransitionedToJob",
        bmc="XCC2 and XCC3 name the job in the message's arguments",
        action="The job is followed",
        source="LEN-006, ironic; sushy:taskmonitor.py",
        test=f"{_SERVICE}::test_a_task_that_became_a_job_is_followed_there",
    ),
    told(
        "after-updates",
        title="A new BMC image waits for a restart, and LXPM isn't Redfish's",
        standard="DSP0268 'UpdateService'",
        bmc="Ten seconds before the restart and forty after; LXPM items can't be updated; 503 "
        "or an empty progress pass",
        advice="restart the XCC after its update, ask again at 503, leave LXPM out",
        source="LEN-010, LEN-011, LEN-012, fwupd:redfish.quirk; infra-controller",
    ),
    Quirk(
        id="external-slots",
        effects=(Replace(VirtualMedia, by=ExternalMedia),),
        title="Not every slot takes an address, and older ones have no action",
        standard=f"{_MEDIA}: InsertMedia",
        bmc="EXT slots fetch by address; Remote and RDOC are for other clients; up to V3 a slot "
        "without InsertMedia is changed by PATCH",
        action="EXT slots come first, and a slot without the action is changed by PATCH",
        source="LEN-022, LEN-023, community.general:plugins/modules/xcc_redfish_command.py; bmclib",
        test=f"{_SERVICE}::test_slots_that_fetch_come_first",
    ),
    told(
        "media-end-with-the-session",
        title="Media stay as long as the session that inserted them",
        standard=f"{_MEDIA}: TransferMethod",
        bmc="An ended session ejects them; Inserted lags behind Image; ten slots, four (AMI) or "
        "Oem maps are three ways to mount",
        advice="keep the session, or insert with Basic authentication, and wait for Inserted",
        source="LEN-024, LEN-025, LEN-026, aiohmi:redfish/oem/lenovo; lenovo scripts",
    ),
    Quirk(
        id="empty-log-without-entries",
        title="An empty log has no Entries",
        standard="DSP0268 'LogService': Entries",
        bmc="The link is missing; there are several logs beside the SEL",
        action="All logs are found by links, and one without Entries is empty",
        source="LEN-037, lenovo scripts; bmclib:providers/lenovo/sel.go",
        test=f"{_SERVICE}::test_a_log_without_entries_is_empty",
    ),
    Quirk(
        id="expand-is-good",
        title="$expand works well",
        standard="DSP0266 'The $expand query parameter'",
        bmc="It's much faster than single readings",
        action="Members are read with their collection where the service says so",
        source="LEN-049, aiohmi:aiohmi/redfish/oem/lenovo/smm3.py",
        test="tests/redfish/test_redfish_expand.py::"
        "test_members_are_expanded_where_the_service_offers_it",
    ),
    told(
        "enclosure-manager",
        title="An enclosure's SMM3 shows itself elsewhere first",
        standard="DSP0266 'Service root'",
        bmc="/DeviceDescription.json names it before any login",
        advice="list SMMs by their addresses",
        source="LEN-003, confluent:confluent_server/confluent/discovery/handlers/xcc.py",
    ),
)
