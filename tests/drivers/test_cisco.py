"""What Cisco's driver makes of CIMC, of UCS-X and of OpenBMC under Cisco's name."""

from __future__ import annotations

from typing import Any

import pytest

from fleetd.domain.device import ComponentKind
from fleetd.domain.errors import Unsupported
from fleetd.driverkit.behaviours.firmware import FirmwareUpdate, Image, UpdateWay
from fleetd.driverkit.behaviours.logs import Logs
from fleetd.driverkit.behaviours.virtual_media import VirtualMedia
from fleetd.driverkit.documents import Resource
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.payload import entries
from fleetd.driverkit.registry import Registry
from tests.support.driving import ask, captured_document, chosen_for
from tests.support.trees import TreeReader, captured, captures, read

ROOT = "/redfish/v1"
MANAGER = f"{ROOT}/Managers/CIMC"
KNOWN = Facts(vendor="Cisco Systems Inc.", manager_model="UCSC-C220-M5SX")
BLADE = "cisco-ucsx-210cm6-5.0.1f-iserver"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "name",
    [
        "cisco-cimc-4.1.2g-c220m4s-iserver",
        "cisco-cimc-4.1.3d-c220m5sx-iserver",
        "cisco-cimc-4.1.3d-c240m5sn-iserver",
        "cisco-cimc-4.1.3d-c240m5sx-iserver",
        BLADE,
        "cisco-ucsx-9508-4.2.2c-iserver",
    ],
)
async def test_every_captured_ucs_is_claimed(name: str, registry: Registry) -> None:
    choice = await chosen_for(name, registry)

    assert (choice.name, choice.vendor) == ("cisco.cimc", "Cisco")


def test_an_m8_is_openbmc_under_ciscos_name(registry: Registry) -> None:
    facts = Facts(
        vendor="Cisco",
        oem=frozenset({"OpenBmc"}),
        manager_model="OpenBMC",
        manufacturer="Cisco Systems Inc",
        model="UCSC-885A-M8",
    )

    choice = registry.choose(facts)

    assert (choice.name, choice.vendor) == ("openbmc", "Cisco")
    assert choice.overlay is not None
    assert choice.overlay.name == "cisco.board"


def test_a_card_among_the_managers_is_not_the_bmc() -> None:
    card = Resource(f"{ROOT}/Managers/UCSC-MLOM", {"Id": "UCSC-MLOM"})
    cimc = Resource(MANAGER, {"Model": "UCSC-C240-M5SN", "FirmwareVersion": "4.1(3d)"})

    facts = Facts().with_machine([card, cimc], [])

    assert (facts.manager_model, facts.manager_firmware) == ("UCSC-C240-M5SN", "4.1(3d)")


@pytest.mark.asyncio
async def test_a_blade_has_its_macs_from_its_adapters(registry: Registry) -> None:
    if BLADE not in captures():
        pytest.skip(f"the captured tree {BLADE} isn't here")

    reading = await read(TreeReader(captured(BLADE)), registry)

    parts = reading.descriptions[0].components
    macs = [part.attributes["mac"] for part in parts if part.kind is ComponentKind.PORT]
    assert len(macs) == len(set(macs)) == 4


def test_one_object_is_a_list_of_one() -> None:
    control = {"PowerConsumedWatts": "212"}

    assert entries({"PowerControl": control}, "PowerControl") == [control]


@pytest.mark.asyncio
async def test_a_sentence_limits_no_value(registry: Registry) -> None:
    service = f"{ROOT}/UpdateService"
    body = captured_document("cisco-cimc-4.1.2g-c220m4s-iserver", service)
    tree = {service: body}
    uri = "http://192.0.2.1/C220M4-4.1.3d-BIOS.cap"

    asked = await ask(registry, KNOWN, FirmwareUpdate, tree, UpdateService=service)

    (request,) = asked.behaviour.update(
        asked.begun["UpdateService"],
        asked.documents,
        Image(name="bios.cap", uri=uri),
        way=UpdateWay.PULL,
    )
    assert request.body == {"ImageURI": uri, "TransferProtocol": "HTTP"}
    with pytest.raises(Unsupported, match="SCP"):
        asked.behaviour.update(
            asked.begun["UpdateService"],
            asked.documents,
            Image(name="bios.cap", uri="nfs://192.0.2.1/b.cap"),
            way=UpdateWay.PULL,
        )


@pytest.mark.asyncio
async def test_slots_without_the_action_are_left_out(registry: Registry) -> None:
    media = f"{MANAGER}/VirtualMedia"
    tree: dict[str, Any] = {
        MANAGER: {"VirtualMedia": {"@odata.id": media}},
        media: {"Members": [{"@odata.id": f"{media}/{number}"} for number in (0, 1)]},
        f"{media}/0": {"MediaTypes": ["CD"]},
        f"{media}/1": {
            "MediaTypes": ["CD"],
            "Actions": {"#VirtualMedia.InsertMedia": {"target": f"{media}/1/insert"}},
        },
    }

    asked = await ask(registry, KNOWN, VirtualMedia, tree, Manager=MANAGER)

    slots = asked.behaviour.slots(asked.documents, "CD")
    consoles = asked.documents.get(f"{media}/0")
    assert [slot.last for slot in slots] == ["1"]
    with pytest.raises(Unsupported, match="console"):
        asked.behaviour.insert(consoles, asked.documents, "http://192.0.2.1/a.iso")


@pytest.mark.asyncio
async def test_severities_are_the_standards(registry: Registry) -> None:
    log = f"{MANAGER}/LogServices/SEL"
    severities = ("Normal", "Informational", "Critical")
    tree: dict[str, Any] = {
        log: {"Entries": {"@odata.id": f"{log}/Entries"}},
        f"{log}/Entries": {
            "Members": [{"@odata.id": f"{log}/Entries/{said}"} for said in severities]
        },
        **{f"{log}/Entries/{said}": {"Severity": said, "Message": "m"} for said in severities},
    }

    asked = await ask(registry, KNOWN, Logs, tree, LogService=log)

    lines = asked.behaviour.lines(asked.documents, asked.begun["LogService"])
    assert [line.severity for line in lines] == ["OK", "OK", "Critical"]
