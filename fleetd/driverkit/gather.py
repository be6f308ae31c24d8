"""Reading what a behaviour needs before it's asked: its links, from a few resources on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple, Protocol

from fleetd.domain.errors import Malformed, Missing
from fleetd.driverkit.behaviours.behaviour import Behaviour
from fleetd.driverkit.choice import Choice
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import link, links, value

_MOST: Final = 500


class Reader(Protocol):
    """What reads resources: a connection to one BMC."""

    async def get(self, path: str) -> dict[str, Any]:
        """One resource.

        Raises:
            DeviceError: It can't be read.
        """
        ...


class _Wanted(NamedTuple):
    kind: str
    path: str


async def gather(
    reader: Reader, choice: Choice, behaviour: Behaviour, **starts: str
) -> tuple[Documents, dict[str, Resource]]:
    """Read the starts (kind=path) and what the behaviour ``reads`` from them on.

    Gives the documents, and the starts by their kind. A link to what isn't there is passed over.

    Raises:
        DeviceError: Something that is there can't be read, or it's more than 500 resources.
    """
    documents = Documents()
    begun: dict[str, Resource] = {}
    waiting: list[_Wanted] = []
    for kind, path in starts.items():
        begun[kind] = documents.put(kind, path, choice.repair(kind, await reader.get(path)))
        waiting.extend(_linked(behaviour, kind, begun[kind]))
    asked = 0
    while waiting:
        kind, path = waiting.pop(0)
        if documents.get(path) is not None:
            continue
        asked += 1
        if asked > _MOST:
            raise Malformed(f"more than {_MOST} resources are linked", endpoint="", uri=path)
        waiting.extend(await _read(reader, choice, behaviour, documents, _Wanted(kind, path)))
    return documents, begun


async def _read(
    reader: Reader, choice: Choice, behaviour: Behaviour, documents: Documents, wanted: _Wanted
) -> Iterable[_Wanted]:
    kind, path = wanted
    try:
        body = await reader.get(path)
    except Missing:
        return ()
    if "Members" not in body:
        return _linked(behaviour, kind, documents.put(kind, path, choice.repair(kind, body)))
    members = links(body, "Members")
    documents.put_members(path, members)
    return [_Wanted(kind, member) for member in members]


def _linked(behaviour: Behaviour, kind: str, resource: Resource) -> Iterable[_Wanted]:
    for follow in behaviour.reads.get(kind, ()):
        target = value(resource.body, follow.place)
        for item in target if isinstance(target, list) else [target]:
            path = link(item)
            if path is not None:
                yield _Wanted(follow.to, path)
