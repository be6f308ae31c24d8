"""Where an emulated array's resources are, and what a refusal of its says."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from fleetd_emulators.devices.resources import ROOT
from fleetd_emulators.protocol.exchange import Response
from fleetd_emulators.protocol.problems import Json, json_response, problem

STORAGE: Final = f"{ROOT}/Storage/1"
SERVICE: Final = f"{ROOT}/StorageServices/1"
POOLS: Final = f"{STORAGE}/StoragePools"
POOL: Final = f"{POOLS}/Pool1"
VOLUMES: Final = f"{STORAGE}/Volumes"
FILE_SYSTEMS: Final = f"{STORAGE}/FileSystems"
CONSISTENCY_GROUPS: Final = f"{STORAGE}/ConsistencyGroups"
FABRIC: Final = f"{ROOT}/Fabrics/SAN"
ENDPOINTS: Final = f"{FABRIC}/Endpoints"
CHASSIS: Final = f"{ROOT}/Chassis/1"
OK: Final = {"State": "Enabled", "Health": "OK"}


def drive_path(bay: str) -> str:
    """The drive in the bay."""
    return f"{CHASSIS}/Drives/{bay}"


def in_use(what: str) -> Response:
    """Something can't be removed while other things need it."""
    return problem(HTTPStatus.CONFLICT, "ResourceInUse", f"{what}: it is in use.")


def full() -> Response:
    """A pool has not enough left."""
    return problem(
        HTTPStatus.BAD_REQUEST,
        "InsufficientStorage",
        "The pool has not enough free capacity.",
    )


def reference(said: object) -> str | None:
    """The path that a reference in a request names."""
    path = said.get("@odata.id") if isinstance(said, dict) else None
    return path.rstrip("/") if isinstance(path, str) else None


def references(said: object) -> list[str] | None:
    """The paths of a list of references, or None where it is no such list."""
    if not isinstance(said, list):
        return None
    paths = [path for item in said if (path := reference(item)) is not None]
    return paths if len(paths) == len(said) else None


def size(said: object) -> int | None:
    """A number of bytes above zero, or None."""
    whole = isinstance(said, int) and not isinstance(said, bool)
    return said if whole and isinstance(said, int) and said > 0 else None


def member_paths(collection: Json) -> list[str]:
    """The paths of a collection's members."""
    return [member["@odata.id"] for member in collection["Members"]]


def made(document: Json) -> Response:
    """Something new is there, and where."""
    return json_response(
        document, status=HTTPStatus.CREATED, headers={"location": document["@odata.id"]}
    )
