"""Logins, updates, tasks, RAID and events: where an iLO leaves the standard."""

from __future__ import annotations

from typing import Final

from fleetd.driverkit.behaviours.firmware import FirmwareUpdate
from fleetd.driverkit.behaviours.tracking import Tracking
from fleetd.driverkit.behaviours.volumes import Volumes
from fleetd.driverkit.effects import Replace
from fleetd.driverkit.quirk import Quirk
from fleetd.driverkit.version import Range
from fleetd_drivers.hpe.service import IloVolumes, MonitorTracking, PulledUpdate
from fleetd_drivers.told import told

_TESTS: Final = "tests/drivers/test_hpe_service.py"
_SESSIONS: Final = "tests/redfish/test_redfish_sessions.py"
_FAULTS: Final = "tests/redfish/test_redfish_faults.py"
_UPDATES: Final = "DSP0268 'UpdateService'"
_VOLUMES: Final = "DSP0268 'Volume'"

QUIRKS: Final = (
    Quirk(
        id="generation-and-maker",
        title="Maker and generation are said in several ways",
        standard="DSP0268 'ServiceRoot': Vendor; 'Manager': Model, FirmwareVersion",
        bmc='An iLO 4 has no Vendor and the key Hp; versions are "iLO 5 v2.55" up to iLO 6 and '
        '"1.13.01 May 13 2025" since',
        action="The Oem key is enough, the manager's model or version names the generation, and "
        "both forms are compared by their numbers",
        source="HPE-001, HPE-002, HPE-003, check_redfish; libredfish:src/hpe.rs; redfishdocs",
        test="tests/drivers/test_hpe.py::test_the_generation_is_known",
    ),
    Quirk(
        id="redirects",
        title="A path without its last slash is redirected",
        standard="DSP0266 'Universal Resource Identifiers'",
        bmc="308 to the path with the slash, and from /rest/v1",
        action="Redirects on the same host are followed, with method and login",
        source="HPE-004, redfishdocs ilo5_adaptation; maas redfish.py",
        test=f"{_FAULTS}::test_a_redirect_is_followed_on_its_host_only",
    ),
    Quirk(
        id="registries-compressed-only",
        title="Registries are to be had compressed only",
        standard="DSP0266 'HTTP headers': Accept-Encoding",
        bmc="406 where identity is asked for; an iLO 4's Location of a registry is one object "
        "with extref",
        action="The one request is repeated with gzip; the shape is taken either way",
        source="HPE-005, HPE-006, gofish#511; sushy:connector.py; python-ilorest-library",
        test=f"{_FAULTS}::test_compression_is_accepted_where_nothing_else_is_offered",
    ),
    Quirk(
        id="sessions-run-out",
        title="Sessions leak, and their id is in the header only",
        standard="DSP0266 'Session management'",
        bmc="A full table shuts out the web page too; an iLO 4 names the session in Location only",
        action="One session is shared and ended; its place is taken from Location",
        source="HPE-008, HPE-009, sushy:auth.py; check_redfish#198",
        test=f"{_SESSIONS}::test_closing_logs_out_and_the_next_request_logs_in_again",
    ),
    Quirk(
        id="false-refusals",
        title="A right password may be refused",
        standard="DSP0266 'Authentication'",
        bmc="After failures logins are delayed, and now and then answered 401 for nothing",
        action="A refused login isn't repeated by itself, so that no account is locked out; a "
        "person says when to try again",
        source="HPE-010, infra-controller:crates/site-explorer/src/bmc_endpoint_explorer.rs",
        test=f"{_SESSIONS}::test_a_wrong_password_is_tried_exactly_once",
    ),
    told(
        "auth-failure-settings",
        title="Settings of failed logins take few values",
        standard="DSP0268 'AccountService'",
        bmc="Delay 2, 5, 10 or 30 s; logging after 0, 1, 2, 3 or 5; before-delay 0, 1, 3 or 5",
        advice="choose one of these",
        source="HPE-011, libredfish:src/hpe.rs",
    ),
    Quirk(
        id="account-types-missing",
        title="Accounts lack AccountTypes",
        standard="DSP0268 'ManagerAccount': AccountTypes is required",
        bmc="It isn't there",
        action="It isn't asked for: accounts are known by their names",
        source="HPE-012, nv-redfish:redfish/src/bmc_quirks.rs",
        test=f"{_TESTS}::test_an_account_is_made_and_removed",
    ),
    Quirk(
        id="image-is-fetched",
        effects=(Replace(FirmwareUpdate, by=PulledUpdate),),
        title="An upload wants the session's key, a pull only the address",
        standard=f"{_UPDATES}: HttpPushUri, SimpleUpdate",
        bmc="HttpPushUri is a form with the session's key as cookie and field; SimpleUpdate takes "
        "ImageURI alone, and images that flash directly, no Smart Components",
        action="Images are fetched by the iLO; nothing but the address is said",
        source="HPE-031, HPE-033, redfishdocs; fwupd:fu-redfish-hpe-device.c",
        test=f"{_TESTS}::test_an_image_is_fetched_and_nothing_else_is_said",
    ),
    Quirk(
        id="monitors-end-as-messages",
        effects=(Replace(Tracking, by=MonitorTracking),),
        title="A finished monitor is an error document that says Success",
        standard="DSP0266 'Asynchronous operations'",
        bmc="The answer names TaskMonitor in its body; at its end that answers with ExtendedInfo",
        action="It's followed, and its message read",
        source="HPE-034, sushy:taskmonitor.py; ironic",
        test=f"{_TESTS}::test_a_monitor_is_followed_to_its_message",
    ),
    told(
        "update-state-on-the-service",
        title="How an update goes is told by the service, and not its end",
        standard=f"{_UPDATES}: progress is a task's",
        bmc="Oem.Hpe.State and FlashProgressPercent; a BIOS task is Completed once staged",
        advice="begin at Idle, Complete or Error only; restart, then read the version",
        source="HPE-032, HPE-035, fwupd:plugins/redfish/fu-redfish-hpe-device.c; ironic",
    ),
    told(
        "update-queue",
        title="The update queue goes strictly in order",
        standard=f"{_UPDATES} has none",
        bmc="An entry in Exception or Expired blocks the rest; names are unique, targets ten at "
        "most; third parties' images need Accept3rdPartyFirmware",
        advice="remove failed entries, and hand over one after the other",
        source="HPE-037, HPE-038, redfishdocs:supplementDocuments/updateService.md",
    ),
    Quirk(
        id="volumes-by-controller",
        effects=(Replace(Volumes, by=IloVolumes),),
        title="How volumes are made depends on the controller",
        standard=_VOLUMES,
        bmc="Smart Arrays take logical drives through SmartStorageConfig (an iLO 5 at a reboot, "
        "an iLO 6 at once); an NS204's volume goes by Storage.ResetToDefaults only; elsewhere "
        "VolumeType and Encrypted must not be said, and MR controllers mind the drives' order",
        action="The standard's way is taken where it holds, with drives in Links in the order "
        "given; the others are refused by name",
        source="HPE-039, HPE-041, HPE-042, HPE-043, redfishdocs; ironic:redfish/raid.py; "
        "python-redfish-utility#115",
        test=f"{_TESTS}::test_volumes_are_made_where_the_standard_holds",
    ),
    Quirk(
        id="logs-without-time",
        title="Entries of logs may have no time",
        standard="DSP0268 'LogEntry': Created",
        bmc="IEL is the manager's, IML the system's; Created may be 0 or unset",
        action="Both are found by links, and a time is kept as it was written",
        source="HPE-052, check_redfish:cr_module/event.py",
        test=f"{_TESTS}::test_entries_without_a_time_are_entries",
    ),
    Quirk(
        id="subscriptions-minimal",
        title="Subscriptions take few properties",
        standard="DSP0268 'EventDestination'",
        bmc="DeliveryRetryPolicy is refused, and EventTypes by new firmware; "
        "PropertyValueModified comes as an error though it was applied",
        action="Nothing is said that needn't be",
        source="HPE-053, ironic; HPE docs",
        test=f"{_TESTS}::test_a_subscription_says_no_more_than_it_must",
    ),
    Quirk(
        id="tls-1-2-at-least",
        title="An iLO 7 takes TLS 1.2 and later only",
        standard="DSP0266 'TLS': 1.1 and later",
        bmc="TLS 1.0 and 1.1, RIBCL and RequireHostAuthentication are gone",
        action="Python's own floor is TLS 1.2; RIBCL isn't used",
        source="HPE-055, redfishdocs ilo7; python-hpilo#305",
        test=f"{_TESTS}::test_nothing_older_than_tls_1_2_is_spoken",
        firmware=Range(generation="iLO 7"),
    ),
    told(
        "consoles",
        title="Consoles differ by generation",
        standard="DSP0268 'Manager': GraphicalConsole, SerialConsole",
        bmc="An iLO 5 redirects from its login page, an iLO 6 has the token in the page; an iLO 7 "
        "refuses changes of SerialInterface",
        advice="open the console from the iLO's own page",
        source="HPE-056, HPE-057, redfishdocs; ironic",
    ),
)
