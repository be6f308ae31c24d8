"""Asking a family's behaviours over documents written by hand or captured."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, NamedTuple, TypeVar

import pytest

from fleetd.driverkit.behaviours.behaviour import Behaviour
from fleetd.driverkit.choice import Choice
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.gather import gather
from fleetd.driverkit.registry import Registry
from fleetd.redfish.probe import read_root
from fleetd.services.inventory.collect import walk_endpoint
from tests.support.trees import TreeReader, captured, captures

B = TypeVar("B", bound=Behaviour)


class Asked(NamedTuple):
    """A behaviour, and what it was given to read."""

    behaviour: Any
    documents: Documents
    begun: Mapping[str, Resource]


async def ask(
    registry: Registry, facts: Facts, kind: type[B], tree: Mapping[str, Any], **starts: str
) -> Asked:
    """The behaviour of the driver that the facts choose, over a tree."""
    choice = registry.choose(facts)
    return await ask_chosen(choice, kind, tree, **starts)


async def ask_chosen(
    choice: Choice, kind: type[B], tree: Mapping[str, Any], **starts: str
) -> Asked:
    behaviour = choice.behaviour(kind)
    assert behaviour is not None, f"{choice.name} lacks {kind.__name__}"
    documents, begun = await gather(TreeReader(tree), choice, behaviour, **starts)
    return Asked(behaviour, documents, begun)


async def chosen_for(name: str, registry: Registry) -> Choice:
    """The driver that reading a captured tree chooses; skips where it isn't here."""
    if name not in captures():
        pytest.skip(f"the captured tree {name} isn't here")
    reader = TreeReader(captured(name))
    try:
        root = read_root(await reader.get("/redfish/v1"))
    except Exception as error:  # noqa: BLE001
        pytest.skip(f"{name} has no service root: {error!r}")
    return (await walk_endpoint(reader, registry.select(root))).choice


def captured_document(name: str, path: str) -> dict[str, Any]:
    """One document of a captured tree; skips where the tree isn't here."""
    if name not in captures():
        pytest.skip(f"the captured tree {name} isn't here")
    tree = {str(PurePosixPath(key)).lower(): body for key, body in captured(name).items()}
    body: dict[str, Any] = json.loads(tree[path.lower()])
    return body
