"""Documents as they'd been gathered, for asking behaviours; and a driver's choice by its facts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from fleetd.driverkit.behaviours.behaviour import Behaviour
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.registry import Registry
from tests.support.trees import captured, captures


def kept(*items: tuple[str, str, Mapping[str, Any]]) -> tuple[Documents, tuple[Resource, ...]]:
    """The documents of (kind, path, body), and each as a resource."""
    documents = Documents()
    return documents, tuple(documents.put(*item) for item in items)


def one(kind: str, path: str, body: Mapping[str, Any]) -> tuple[Documents, Resource]:
    """A single document, and it as a resource."""
    documents, (resource,) = kept((kind, path, body))
    return documents, resource


def chosen(registry: Registry, behaviour: type[Behaviour], **facts: Any) -> Any:
    """The behaviour of the driver that these facts get; ``oem`` in any collection."""
    facts["oem"] = frozenset(facts.get("oem", ()))
    found = registry.choose(Facts(**facts)).behaviour(behaviour)
    assert found is not None
    return found


def captured_body(tree: str, path: str) -> dict[str, Any]:
    """One body of a captured tree; the test is skipped where the tree isn't here."""
    if tree not in captures():
        pytest.skip("this tree isn't here")
    body: dict[str, Any] = json.loads(captured(tree)[path])
    return body
