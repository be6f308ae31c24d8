"""Every kind of departure from the specification is met, counted, and shown by an example."""

from __future__ import annotations

from typing import Any

import pytest

from fleetd.daemon.corpus.irregular import irregularities
from fleetd.daemon.corpus.tree import Captured, find_places
from tests.corpus.conftest import ROOT, Bodies, Write

SYSTEM = f"{ROOT}/Systems/1"
SYSTEMS = f"{ROOT}/Systems"
MEMORY = f"{ROOT}/Systems/1/Memory"


def met(write: Write, bodies: Bodies) -> dict[str, tuple[int, str]]:
    tree = Captured(find_places(write("one", bodies))[0])
    return {kind: (one.count, one.example) for kind, one in irregularities(tree).items()}


def test_a_tree_by_the_book_has_none(write: Write, bodies: Bodies) -> None:
    assert met(write, bodies) == {}


@pytest.mark.parametrize(
    ("path", "name", "value", "kind"),
    [
        (SYSTEM, "Name", 7, "value of the wrong type"),
        (SYSTEM, "Status", "OK", "value of the wrong type"),
        (SYSTEM, "AlertDestinations", [None], "null in a list"),
        (SYSTEM, "PowerState", "Standby", "value outside its enumeration"),
        (SYSTEM, "Status", {"State": "Online"}, "value outside its enumeration"),
        (SYSTEM, "SerialNumber", "To be filled by O.E.M.", "placeholder for an identity"),
        (SYSTEM, "Model", "C1  ", "text padded with blanks"),
        (SYSTEM, "Id", "other", "Id that is not the path's last segment"),
        (SYSTEM, "@odata.id", SYSTEMS, "@odata.id that names another resource"),
        (SYSTEM, "@odata.id", f"{ROOT}/systems/1", "@odata.id in another spelling"),
        (SYSTEM, "Bios", {"@odata.id": f"{SYSTEM}/Bios"}, "dangling link"),
        (SYSTEM, "Bios", {"@odata.id": "Bios"}, "relative link"),
        (SYSTEM, "Bios", {"@odata.id": "https://elsewhere/redfish"}, "absolute link to a host"),
        (SYSTEM, "Bios", {"@odata.id": ""}, "link that is empty or no text"),
        (SYSTEM, "Bios", {"@odata.id": "/Bios/"}, "link outside /redfish"),
        (SYSTEM, "Again", {"@odata.id": f"{MEMORY}/"}, "link with a slash at its end"),
        (SYSTEM, "Again", {"@odata.id": f"{ROOT}/Systems//1"}, "link with a doubled slash"),
        (
            SYSTEM,
            "Again",
            {"@odata.id": f"{ROOT}/systems/1"},
            "link in another case than its target",
        ),
        (f"{MEMORY}/DIMM0", "CapacityMiB", "8192", "number written as text"),
        (f"{MEMORY}/DIMM1", "Id", "DIMM0", "Id given twice in a collection"),
        (SYSTEMS, "Members", None, "Members that is no list"),
        (SYSTEMS, "Members@odata.count", 2, "count that is not the number of members"),
        (SYSTEMS, "Members", [{"@odata.id": SYSTEM}] * 2, "member listed twice"),
        (SYSTEMS, "Members", [{"Name": "1"}], "member without a link"),
    ],
)
def test_a_departure_is_met_and_shown(
    path: str, name: str, value: Any, kind: str, write: Write, bodies: Bodies
) -> None:
    bodies[path][name] = value

    found = met(write, bodies)

    assert kind in found
    assert found[kind][1].startswith((path, f"{MEMORY}/DIMM", "DIMM0"))


def test_missing_properties_are_counted(write: Write, bodies: Bodies) -> None:
    del bodies[SYSTEM]["Name"], bodies[SYSTEM]["Id"]

    found = met(write, bodies)

    assert found["missing mandatory property"] == (2, f"{SYSTEM}: Name")


def test_a_body_that_is_no_json_object_is_told(write: Write, bodies: Bodies) -> None:
    whole: dict[str, Any] = {**bodies, f"{SYSTEM}/Bios": b"Not Found"}

    found = met(write, whole)

    assert found["body that is no JSON object"][0] == 1


def test_an_error_body_is_told(write: Write, bodies: Bodies) -> None:
    bodies[f"{SYSTEM}/Bios"] = {"error": {"code": "Base.1.0.GeneralError"}}

    found = met(write, bodies)

    assert found["error body in place of a resource"] == (1, f"{SYSTEM}/Bios")
