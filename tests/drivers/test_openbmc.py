"""OpenBMC under many makers' names: what's not asked for, whose board it is, how it's operated."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from fleetd.domain.errors import Unsupported
from fleetd.driverkit.behaviours.accounts import Accounts
from fleetd.driverkit.behaviours.event_subscriptions import EventSubscriptions
from fleetd.driverkit.behaviours.firmware import FirmwareUpdate, Image, UpdateWay
from fleetd.driverkit.behaviours.logs import Logs
from fleetd.driverkit.behaviours.tracking import Stage, Tracking
from fleetd.driverkit.behaviours.virtual_media import VirtualMedia
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.registry import Registry
from fleetd_emulators.hardware import Personality
from fleetd_emulators.servers.documents import documents
from tests.support.kept import captured_body, chosen, kept, one
from tests.support.operating import operated
from tests.support.trees import TreeReader, emulated_server, read

CHASSIS = "/redfish/v1/Chassis"
BMCWEB: Final[dict[str, Any]] = {"manager_model": "OpenBmc", "oem": {"OpenBmc"}}
GB300 = "supermicro-openbmc-gb300-70.01-redfishctl"
STOCK = "openbmc-bmcweb-2.15.0-dev-csm"
MEDIA = "/redfish/v1/Managers/BMC_0/VirtualMedia"


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["HGX_ERoT_CPU_0", "EROT_BIOS_0", "Bluefield_ERoT"])
async def test_a_root_of_trust_is_never_asked_for(name: str, registry: Registry) -> None:
    tree = documents(emulated_server(Personality.OPENBMC))
    hanging = f"{CHASSIS}/{name}"
    tree[CHASSIS]["Members"] = [{"@odata.id": hanging}, *tree[CHASSIS]["Members"]]
    reader = TreeReader(tree)

    reading = await read(reader, registry)

    assert hanging not in reader.asked
    assert [str(item.kind) for item in reading.descriptions] == ["server"]


@pytest.mark.parametrize(
    ("manufacturer", "vendor"),
    [("Supermicro", "Supermicro"), ("Lenovo", "Lenovo"), ("WIWYNN", "Wiwynn"), (None, "unknown")],
)
def test_the_board_says_whose_it_is(
    manufacturer: str | None, vendor: str, registry: Registry
) -> None:
    facts = Facts(manager_model="OpenBmc", oem=frozenset({"OpenBmc"}), manufacturer=manufacturer)

    choice = registry.choose(facts)

    assert (choice.name, choice.vendor) == ("openbmc", vendor)


def test_a_supermicro_board_with_openbmc_is_read_as_openbmc(registry: Registry) -> None:
    facts = Facts(
        vendor="Supermicro",
        oem=frozenset({"OpenBmc", "Supermicro"}),
        manager_model="OpenBmc",
        manufacturer="Supermicro",
    )

    assert registry.choose(facts).name == "openbmc"


def test_only_slots_that_take_a_uri_are_used(registry: Registry) -> None:
    documents, (_, usable) = kept(
        *(
            ("VirtualMedia", f"{MEDIA}/{name}", captured_body(GB300, f"{MEDIA}/{name}"))
            for name in ("Slot_0", "USB1")
        )
    )
    media = chosen(registry, VirtualMedia, **BMCWEB)

    assert media.slots(documents, "CD") == (usable,)
    (request,) = media.insert(usable, documents, "https://10.0.0.1/boot.iso")

    assert request.path == f"{MEDIA}/USB1/Actions/VirtualMedia.InsertMedia"
    assert request.body == {"Image": "https://10.0.0.1/boot.iso", "TransferProtocolType": "HTTPS"}
    with pytest.raises(Unsupported, match="HTTPS or SMB"):
        media.insert(usable, documents, "http://10.0.0.1/boot.iso")


def test_events_go_to_https_only(registry: Registry) -> None:
    _, service = one("EventService", "/e", {"Subscriptions": {"@odata.id": "/redfish/v1/E/S"}})
    events = chosen(registry, EventSubscriptions, **BMCWEB)

    (request,) = events.subscribe(service, "https://fleetd:8443/events", "fleetd")

    assert request.path == "/redfish/v1/E/S"
    with pytest.raises(Unsupported, match="HTTPS"):
        events.subscribe(service, "http://fleetd:8080/events", "fleetd")


def test_a_sixteenth_account_is_refused_by_its_number(registry: Registry) -> None:
    full, _ = kept(*(("ManagerAccount", f"/a/{number}", {}) for number in range(15)))
    room, service = one("AccountService", "/s", {"Accounts": {"@odata.id": "/redfish/v1/A"}})
    accounts = chosen(registry, Accounts, **BMCWEB)

    assert accounts.create(service, room, "fleetd", "correct horse", "Administrator")
    with pytest.raises(Unsupported, match="15 accounts"):
        accounts.create(service, full, "fleetd", "correct horse", "Administrator")


def test_journals_dumps_and_post_codes_are_no_logs(registry: Registry) -> None:
    documents, _ = kept(
        *(
            ("LogService", item["@odata.id"], {})
            for place in ("Systems/System_0", "Managers/BMC_0")
            for item in captured_body(GB300, f"/redfish/v1/{place}/LogServices")["Members"]
        )
    )

    services = chosen(registry, Logs, **BMCWEB).services(documents)

    assert [item.last for item in services] == ["SEL", "FaultLog", "EventLog", "EventLog"]


def test_the_task_is_followed_rather_than_its_monitor(registry: Registry) -> None:
    task = {"@odata.id": "/redfish/v1/TaskService/Tasks/7", "TaskState": "Running"}
    monitor = {"Location": "/redfish/v1/TaskService/TaskMonitors/7"}
    tracking = chosen(registry, Tracking, **BMCWEB)

    assert tracking.place(202, monitor, task) == task["@odata.id"]
    assert tracking.place(202, monitor, None) == monitor["Location"]


def test_of_the_ways_to_update_multipart_goes_first(registry: Registry) -> None:
    documents, service = one(
        "UpdateService",
        "/redfish/v1/UpdateService",
        captured_body(STOCK, "/redfish/v1/UpdateService"),
    )

    ways = chosen(registry, FirmwareUpdate, **BMCWEB).ways(service, documents)

    assert ways == (UpdateWay.MULTIPART, UpdateWay.HTTP_PUSH)


@pytest.mark.asyncio
async def test_ids_are_whatever_the_links_say(registry: Registry) -> None:
    tree = documents(emulated_server(Personality.OPENBMC))
    (manager,) = (item["@odata.id"] for item in tree["/redfish/v1/Managers"]["Members"])
    renamed = {
        path.replace(manager, "/redfish/v1/Managers/BMC"): body for path, body in tree.items()
    }
    renamed = json.loads(json.dumps(renamed).replace(f'"{manager}', '"/redfish/v1/Managers/BMC'))
    for path, body in renamed.items():
        if path.startswith("/redfish/v1/Systems/"):
            body.get("Links", {}).pop("ManagedBy", None)

    reading = await read(TreeReader(renamed), registry)
    plain = await read(TreeReader(tree), registry)

    assert reading.descriptions[0].bmc_version == plain.descriptions[0].bmc_version is not None
    assert reading.driver == "openbmc"


@pytest.mark.asyncio
async def test_an_emulated_bmc_takes_an_image_by_https(registry: Registry) -> None:
    async with operated(registry, personality="openbmc") as bmc:
        tree, _ = await bmc.gather(VirtualMedia, Manager=bmc.manager)
        media = bmc.behaviour(VirtualMedia)
        slot = media.slots(tree, "CD")[0]

        await bmc.send(*media.insert(slot, tree, "https://127.0.0.1/boot.iso"))

        assert (await bmc.get(slot.path))["Inserted"] is True


@pytest.mark.asyncio
async def test_an_update_is_followed_by_the_task_that_answers_it(registry: Registry) -> None:
    async with operated(registry, personality="openbmc") as bmc:
        tree, _ = await bmc.gather(FirmwareUpdate, ServiceRoot="/redfish/v1/")
        (service,) = tree.of_kind("UpdateService")
        firmware, tracking = bmc.behaviour(FirmwareUpdate), bmc.behaviour(Tracking)
        way = firmware.ways(service, tree)[0]

        (answer,) = await bmc.send(
            *firmware.update(service, tree, Image(name="bios.tar", component="bios"), way=way)
        )
        place = tracking.place(answer.status, answer.headers, answer.body)

        assert place is not None
        await bmc.until(
            place, lambda body: tracking.progress(body).stage not in {Stage.WAITING, Stage.RUNNING}
        )


@pytest.mark.asyncio
async def test_an_emulated_bmc_s_journal_is_no_log(registry: Registry) -> None:
    async with operated(registry, personality="openbmc") as bmc:
        tree, _ = await bmc.gather(Logs, ComputerSystem=bmc.system, Manager=bmc.manager)

        services = bmc.behaviour(Logs).services(tree)

        assert "Journal" in {item.last for item in tree.of_kind("LogService")}
        assert {item.last for item in services} == {"EventLog"}
