"""Logins, accounts, events and the like: where an iDRAC leaves the standard."""

from __future__ import annotations

from typing import Final

from fleetd.driverkit.behaviours.accounts import Accounts
from fleetd.driverkit.behaviours.readiness import Readiness
from fleetd.driverkit.effects import Replace, Trait
from fleetd.driverkit.facts import Match
from fleetd.driverkit.quirk import Quirk
from fleetd.driverkit.version import Range
from fleetd_drivers.dell.service import IdracAccounts, LifecycleReadiness
from fleetd_drivers.told import told

_TESTS: Final = "tests/drivers/test_dell_service.py"
_SESSIONS: Final = "tests/redfish/test_redfish_sessions.py"
_ACCOUNTS: Final = "DSP0268 'AccountService'"

QUIRKS: Final = (
    Quirk(
        id="generation-in-manager-model",
        title="The generation is in the manager's model; versions start again with each",
        standard="DSP0268 'Manager': Model",
        bmc='"13G Monolithic" is an iDRAC8, 14G to 16G an iDRAC9, 17G an iDRAC10, '
        "whose firmware began again at 1.x; some have no Model at all",
        action="Ranges of firmware hold within a generation; without a model, firmware of 3.x to "
        "7.x is an iDRAC9's, as only those have it",
        source="DEL-001, DEL-002, DEL-004, ironic:drivers/modules/drac/boot.py; gofish#511; "
        "idrac_exporter#190",
        test="tests/drivers/test_dell.py::test_the_generation_is_known",
    ),
    Quirk(
        id="resold-under-another-name",
        title="Resellers put their own name on it",
        standard="DSP0268 'ComputerSystem': Manufacturer",
        bmc="Manufacturer is another name, while Oem has the key Dell",
        action="The Oem key is enough",
        source="DEL-003, mrlhansen/idrac_exporter#175",
        test="tests/drivers/test_dell.py::test_a_resold_machine_is_claimed_by_its_oem_key",
    ),
    Quirk(
        id="sessions-at-the-old-place",
        title="Sessions are opened at the root's link only",
        standard="DSP0266 'Session login': Links.Sessions of the root",
        bmc="An iDRAC7 or 8 answers 400 or 405 at SessionService/Sessions",
        action="The root's link is taken, and where it's missing both places are tried",
        source="DEL-007, idrac_exporter:internal/collector/redfish.go; dell#219",
        test=f"{_SESSIONS}::test_sessions_are_opened_where_the_old_place_is_the_only_one",
        firmware=Range(generation="iDRAC8"),
    ),
    Quirk(
        id="few-sessions",
        title="About eight sessions in all",
        standard="DSP0266 'Session management' sets no number",
        bmc="RAC0218 with 503 refuses every login until one ends or times out",
        action="All work shares one session, which is ended at the end; a full table is busy",
        source="DEL-008, check_redfish#198; gofish#75",
        test=f"{_SESSIONS}::test_a_full_session_table_is_busy_and_holds_no_credential",
    ),
    Quirk(
        id="accounts-in-slots",
        effects=(Replace(Accounts, by=IdracAccounts),),
        title="Accounts are sixteen slots",
        standard=f"{_ACCOUNTS}: an account is made by POST",
        bmc="POST is refused; slot 1 is reserved and 2 is root; an empty slot takes name, "
        "password, role and enabled in one PATCH only. An iDRAC10 takes POST",
        action="An account fills the first empty slot, and a blank name empties it again",
        source="DEL-009, DEL-010, DEL-011, nv-redfish:redfish/src/bmc_quirks.rs; "
        "bmclib:providers/redfish/user.go; metal-operator:bmc/redfish_dell.go; dell scripts",
        test=f"{_TESTS}::test_an_account_fills_a_slot_and_leaves_it_empty",
        when=Match(manager_model=r"^1[2-6]G "),
    ),
    Quirk(
        id="lifecycle-controller-not-ready",
        effects=(Replace(Readiness, by=LifecycleReadiness),),
        title="The Lifecycle Controller is ready later than Redfish",
        standard="DSP0268 knows no such state",
        bmc="After a start the iDRAC answers minutes before it takes jobs",
        action="GetRemoteServicesAPIStatus says whether it takes work",
        source="DEL-051, sushy:oem/dell/resources/manager/lifecycle_service.py",
        test=f"{_TESTS}::test_the_lifecycle_controller_says_when_it_is_ready",
    ),
    Quirk(
        id="expand-unreliable",
        effects=(Trait("expand", setting=False),),
        title="$expand is slow or wrong in several builds",
        standard="DSP0266 'The $expand query parameter'",
        bmc="Expanded answers are incomplete or slower than single ones",
        action="Members are read one by one",
        source="DEL-089, check_redfish#69, #151",
        test="tests/drivers/test_expansion.py::"
        "test_members_are_read_one_by_one_where_expansion_is_not_to_be_trusted",
        firmware=Range(generation="iDRAC9", before="6.10"),
    ),
    Quirk(
        id="extended-info-as-one-object",
        title="ExtendedInfo may be one object",
        standard="DSP0266 'Error responses': @Message.ExtendedInfo is an array",
        bmc="It's an object where there's one message",
        action="Both shapes are read on every BMC",
        source="DEL-092, community.general:plugins/module_utils/_redfish_utils.py",
        test="tests/redfish/test_redfish_faults.py::test_a_refusal_carries_the_services_own_words",
    ),
    Quirk(
        id="if-match-only-on-patch",
        title="ETags harm on actions, and by compression",
        standard="DSP0266 'ETags'",
        bmc="An iDRAC10 answers 412 to an action with If-Match; "
        'compressed answers end ETags in "-gzip"',
        action="Actions carry no If-Match, and the suffix is taken off",
        source="DEL-093, DEL-094, gofish#510, #511; sushy:connector.py",
        test="tests/redfish/test_redfish_preconditions.py::test_an_action_carries_no_precondition",
    ),
    Quirk(
        id="own-actions-renamed",
        title="The iDRAC's own actions change their prefix",
        standard="DSP0266 'OEM actions': #Schema.Action below Actions.Oem",
        bmc="The key has the schema with or without its version, the target EID_674 or OemManager",
        action="An action is found by its name behind the schema, and its target is taken as said",
        source="DEL-047, sushy:oem/dell/resources/manager/manager.py",
        test=f"{_TESTS}::test_an_own_action_is_found_behind_any_prefix",
    ),
    Quirk(
        id="event-types-demanded",
        title="Subscriptions are by EventTypes",
        standard="DSP0268 'EventDestination': EventTypes is deprecated",
        bmc="No registries or resource types are offered, and EventTypes must be there",
        action="A subscription says EventTypes where the service knows nothing else",
        source="DEL-095, ironic:drivers/modules/redfish/vendor.py",
        test=f"{_TESTS}::test_a_subscription_says_event_types_where_nothing_else_is_known",
    ),
    Quirk(
        id="restarts-gracefully-only",
        title="The iDRAC restarts gracefully only",
        standard="DSP0268 'Manager': Reset",
        bmc="GracefulRestart is the one value taken",
        action="The gentlest restart that's offered is asked for",
        source="DEL-100, dell; badfish",
        test=f"{_TESTS}::test_the_idrac_is_restarted_gracefully",
    ),
    Quirk(
        id="no-redfish-on-m1000e",
        title="The M1000e has no Redfish at all",
        standard="DSP0266 'Service root'",
        bmc="Its CMC answers 404 at the root; the MX7000 has Redfish",
        action="What answers without a service root is no endpoint",
        source="DEL-006, dell/iDRAC-Redfish-Scripting#115",
        test="tests/redfish/test_redfish_probe.py::test_a_web_server_is_not_redfish",
    ),
    told(
        "transient-errors",
        title="Errors that pass",
        standard="DSP0266 'Status codes'",
        bmc="SYS518 says that data isn't available after another operation; RAC0508 means an "
        "internal error until the iDRAC is restarted",
        advice="ask again 20 s later; at RAC0508 restart the iDRAC once",
        source="DEL-052, DEL-053, libredfish:src/dell.rs; sushy:connector.py",
    ),
    told(
        "host-header-check",
        title="Requests by another name are refused",
        standard="RFC 9110 'Host and :authority'",
        bmc="400 where the Host header isn't the iDRAC's own name or address",
        advice="list the endpoint by its address, or set ManualDNSEntry of WebServer.1",
        source="DEL-013, libredfish:src/dell.rs",
    ),
    told(
        "lockout-by-attributes",
        title="The lock-out policy is read-only",
        standard=f"{_ACCOUNTS}: AccountLockoutThreshold",
        bmc="A PATCH is refused; iDRAC attributes set it",
        advice="set IPBlocking among the iDRAC's attributes",
        source="DEL-012, libredfish:src/dell.rs",
    ),
    told(
        "lockdown",
        title="Lockdown refuses changes",
        standard="DSP0268 knows no such mode",
        bmc="System Lockdown blocks the job queue, BIOS and the UEFI password",
        advice="end the lockdown first and begin it last",
        source="DEL-101, libredfish:src/dell.rs; infra-controller#4710",
    ),
    told(
        "pxe-in-bios-attributes",
        title="Which ports boot by PXE is in BIOS attributes",
        standard="DSP0268 'NetworkDeviceFunction': BootMode",
        bmc="PxeDevNEnDis and PxeDevNInterface in UEFI mode, a profile of the card in Legacy mode",
        advice="read these attributes",
        source="DEL-087, ironic:drivers/modules/drac/inspect.py",
    ),
    Quirk(
        id="logs-renamed",
        title="Logs have other names by generation, and are very long",
        standard="DSP0268 'LogService'",
        bmc="LogServices/Sel on iDRAC9, Logs/Sel on iDRAC8, Lclog with many thousand entries",
        action="Logs are found by links, and no more than a bounded number is read",
        source="DEL-088, idrac_exporter#143",
        test=f"{_TESTS}::test_logs_are_found_by_their_links",
    ),
    told(
        "telemetry-licence",
        title="Telemetry needs a licence, events stop by themselves",
        standard="DSP0268 'TelemetryService', 'EventDestination'",
        bmc="Streaming needs the Datacenter licence; a stream's times have offsets without "
        "colon; a subscription whose deliveries failed is disabled and stays so",
        advice="look at the subscription's state, and make it anew",
        source="DEL-090, DEL-096, DEL-097, dell scripts; nv-redfish; dell#370",
    ),
    told(
        "console-by-action",
        title="The console's address is got by an action",
        standard="DSP0268 'Manager': GraphicalConsole has no address",
        bmc="DelliDRACCardService.GetKVMSession gives a passing credential",
        advice="call it, and close the session",
        source="DEL-103, sushy:oem/dell idrac_card_service.py",
    ),
    told(
        "certificate-after-restart",
        title="A certificate takes effect after a restart",
        standard="DSP0268 'CertificateService'",
        bmc="Before 6.00.02 the iDRAC serves the old one until it's restarted",
        advice="restart the iDRAC and wait for it",
        source="DEL-104, dell scripts",
        firmware=Range(generation="iDRAC9", before="6.00.02"),
    ),
)
