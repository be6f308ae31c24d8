"""OpenBMC's web server: its declaration.

Sources: DSP0266 (protocol), DSP0268 (properties), and those that each quirk names.
"""

from __future__ import annotations

from typing import Final

from fleetd.driverkit.behaviours.accounts import Accounts
from fleetd.driverkit.behaviours.event_subscriptions import EventSubscriptions
from fleetd.driverkit.behaviours.logs import Logs
from fleetd.driverkit.behaviours.virtual_media import VirtualMedia
from fleetd.driverkit.effects import Hide, Replace, Trait
from fleetd.driverkit.spec import Driver
from fleetd.driverkit.standard import GENERIC
from fleetd_drivers.openbmc.behaviours import (
    EventLogs,
    FewAccounts,
    LegacyMedia,
    SecureSubscriptions,
)

BMCWEB: Final[Driver] = (
    GENERIC.derive("openbmc", title="OpenBMC (bmcweb)")
    .matches(manager_model="^OpenBMC$")
    .matches(oem="OpenBmc", without_oem=("Nvidia",))
    .matches(oem=".+", manager_model="^OpenBMC$", without_oem=("Nvidia",))
    .quirk(
        "root-of-trust-hangs",
        Hide("Chassis", r"/[a-z_]*erot[a-z0-9_]*/?$"),
        title="Chassis of roots of trust hang",
        standard="DSP0266: a GET is answered",
        bmc="Reading the chassis of an external root of trust can hang until the next request",
        action="They are never asked for",
        source="NVD-035, ICF-005, infra-controller:crates/bmc-explorer/src/lib.rs; "
        "hms-smd:pkg/redfish/rfcomponents.go",
        test="tests/drivers/test_openbmc.py::test_a_root_of_trust_is_never_asked_for",
    )
    .quirk(
        "expand-drops-properties",
        Trait("expand", setting=False),
        title="Expanded members lack properties",
        standard="DSP0266 'The $expand query parameter'",
        bmc="Builds that offer $expand leave out required properties, or restrict its depth",
        action="Members are read one by one",
        source="NVD-039, AMI-014, nv-redfish:redfish/src/bmc_quirks.rs",
        test="tests/drivers/test_expansion.py::"
        "test_members_are_read_one_by_one_where_expansion_is_not_to_be_trusted",
    )
    .quirk(
        "proxy-media-slots",
        Replace(VirtualMedia, by=LegacyMedia),
        title="Half of the virtual media slots take no image by URI",
        standard="DSP0268 'VirtualMedia': InsertMedia, TransferProtocolType",
        bmc="Proxy slots are for the web page's own socket; the others take HTTPS and SMB only, "
        "with a matching TransferProtocolType, and refuse what else is said",
        action="Only slots with InsertMedia are used, with the image and its protocol alone",
        source="OBM-011, OBM-012, bmcweb:redfish-core/lib/virtual_media.hpp",
        test="tests/drivers/test_openbmc.py::test_only_slots_that_take_a_uri_are_used",
    )
    .quirk(
        "events-by-https-only",
        Replace(EventSubscriptions, by=SecureSubscriptions),
        title="Events are sent by HTTPS only, to twenty subscribers",
        standard="DSP0266 'Eventing': a destination is a URI",
        bmc="A destination by HTTP is refused unless the build allows it; the 21st subscription "
        "and the 11th SSE stream are refused",
        action="A destination by HTTP is refused before it's sent; one subscription is kept a BMC",
        source="OBM-013, OBM-014, bmcweb:redfish-core/lib/event_service.hpp, "
        "bmcweb:include/subscription.hpp",
        test="tests/drivers/test_openbmc.py::test_events_go_to_https_only",
    )
    .quirk(
        "fifteen-accounts",
        Replace(Accounts, by=FewAccounts),
        title="The sixteenth account is refused with a misleading error",
        standard="DSP0266 'Error responses'",
        bmc="Where fifteen accounts exist, a new one fails with ResourceAlreadyExists",
        action="Accounts are counted first",
        source="OBM-016, openbmc/bmcweb#63",
        test="tests/drivers/test_openbmc.py::test_a_sixteenth_account_is_refused_by_its_number",
    )
    .quirk(
        "logs-without-events",
        Replace(Logs, by=EventLogs),
        title="Journal, dumps and POST codes are listed as logs",
        standard="DSP0268 'LogService': LogEntryType",
        bmc="Manager and System list Journal, Dump and PostCodes beside the EventLog; huge",
        action="Only logs of events are read and cleared",
        source="OBM-018, bmcweb:redfish-core/lib/log_services.hpp",
        test="tests/drivers/test_openbmc.py::test_journals_dumps_and_post_codes_are_no_logs",
    )
    .quirk(
        "tasks-vanish",
        title="Tasks vanish, and their monitors answer once",
        standard="DSP0266 'Asynchronous operations': a task outlives its operation",
        bmc="A hundred tasks are kept, none over a restart; the monitor (whose path differs by "
        "age) answers 204 once and 404 then",
        action="The task is looked at rather than its monitor, by the path that the answer names",
        source="OBM-001, OBM-002, OBM-003, OBM-004, bmcweb:redfish-core/lib/task.hpp; "
        "bmclib:providers/openbmc",
        test="tests/drivers/test_openbmc.py::test_the_task_is_followed_rather_than_its_monitor",
    )
    .quirk(
        "updates-at-a-time-of-choice",
        title="Updates: pushed ones at once, multipart ones at a time of choice",
        standard="DSP0268 'UpdateService': HttpPushUri, MultipartHttpPushUri, SimpleUpdate",
        bmc="HttpPushUri applies as the service is set; multipart takes Immediate or OnReset; "
        "older builds have no multipart; SimpleUpdate takes HTTPS only; one update at a time; "
        "a BIOS image needs the host off",
        action="Of the ways that are offered multipart goes first, then push, then pull",
        source="OBM-006, OBM-007, OBM-008, OBM-009, OBM-010, "
        "bmcweb:redfish-core/lib/update_service.hpp; bmclib#341; "
        "bmclib:providers/openbmc/firmware.go",
        test="tests/drivers/test_openbmc.py::test_of_the_ways_to_update_multipart_goes_first",
    )
    .quirk(
        "weak-tags-not-matched",
        title="If-Match must be the tag as it was given",
        standard="DSP0266 'ETags'",
        bmc="The tag is compared as text, or is *; a weak form isn't matched",
        action="The tag is sent as it was given, once the BMC asks for one",
        source="OBM-005, bmcweb:redfish-core/include/query.hpp",
        test="tests/redfish/test_redfish_preconditions.py::test_the_precondition_goes_down_its_ladder",
    )
    .quirk(
        "sessions-end-when-idle",
        title="A session ends when idle",
        standard="DSP0268 'SessionService': SessionTimeout",
        bmc="SessionTimeout is 30 to 86400 s, 1800 s unless set; the token dies when idle",
        action="A 401 in mid-work is answered by one new login",
        source="OBM-015, bmcweb:include/sessions.hpp",
        test="tests/redfish/test_redfish_sessions.py::"
        "test_an_expired_session_is_renewed_once_and_nobody_notices",
    )
    .quirk(
        "ids-are-the-builder-s",
        title="Ids are chosen when the firmware is built",
        standard="DSP0266 'Universal resource identifiers'",
        bmc="Systems/system may be any name, On is ForceOn's equal; a P9DSU's manager is BMC, and "
        "some services link no ManagedBy",
        action="Only links are followed; a machine without ManagedBy has the endpoint's manager",
        source="OBM-017, OBM-020, OBM-022, bmcweb:redfish-core/lib/systems.hpp; "
        "xcat2/xcat-core#5969; kubevirtbmc#70",
        test="tests/drivers/test_openbmc.py::test_ids_are_whatever_the_links_say",
    )
)
