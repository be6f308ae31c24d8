"""The registry of BIOS attributes: their kinds, values, bounds and what depends on what.

Source: DSP0268 "AttributeRegistry" and "MessageRegistryFile".
"""

from __future__ import annotations

from typing import Any, Final

from fleetd_emulators.hardware import BiosSetting
from fleetd_emulators.servers.documents.layout import ROOT, Layout
from fleetd_emulators.servers.documents.tree import Document, Names, Tree

_KINDS: Final[dict[type, str]] = {str: "String", int: "Integer", bool: "Boolean"}
_MENU: Final = "./BiosMainMenu"


def registry(tree: Tree, names: Names) -> None:
    """Add the registry and the entry that leads to it."""
    layout, server = names.layout, names.server
    identity = layout.bios_registry
    entry = f"{ROOT}/Registries/{identity}"
    tree.add(
        entry,
        "MessageRegistryFile.v1_1_3",
        "BIOS Attribute Registry File",
        Languages=["en"],
        Registry=identity,
        Location=[{"Language": "en", "Uri": layout.bios_registry_file}],
    )
    collection = tree.documents[f"{ROOT}/Registries"]
    collection["Members"] = [*collection["Members"], tree.link(entry)]
    collection["Members@odata.count"] = len(collection["Members"])
    tree.documents[layout.bios_registry_file] = {
        "@odata.type": "#AttributeRegistry.v1_3_6.AttributeRegistry",
        "Id": identity,
        "Name": "BIOS Attribute Registry",
        "Language": "en",
        "OwningEntity": layout.vendor or server.manufacturer,
        "RegistryVersion": "1.0.0",
        "SupportedSystems": [{"ProductName": server.model, "FirmwareVersion": server.bios_version}],
        "RegistryEntries": {
            "Attributes": [_attribute(layout, setting) for setting in server.bios],
            "Menus": [{"MenuName": "BiosMainMenu", "DisplayName": "BIOS", "MenuPath": _MENU}],
            "Dependencies": [
                _dependency(setting.name, *setting.needs)
                for setting in server.bios
                if setting.needs is not None
            ],
        },
    }


def _attribute(layout: Layout, setting: BiosSetting) -> Document:
    kind = "Enumeration" if setting.choices else _KINDS[type(setting.value)]
    document: dict[str, Any] = {
        "AttributeName": setting.name,
        "DisplayName": _spelled_out(setting.name),
        "Type": kind,
        "DefaultValue": setting.value,
        layout.registry_read_only: setting.read_only,
        "ResetRequired": True,
        "MenuPath": _MENU,
    }
    if setting.choices:
        document["Value"] = [
            {"ValueName": choice, "ValueDisplayName": _spelled_out(choice)}
            for choice in setting.choices
        ]
    if setting.bounds is not None:
        least, most = setting.bounds
        document |= {"LowerBound": least, "UpperBound": most, "ScalarIncrement": 1}
    return document


def _dependency(name: str, other: str, value: str) -> Document:
    """The attribute cannot be changed while the other has not this value."""
    return {
        "DependencyFor": name,
        "Type": "Map",
        "Dependency": {
            "MapFrom": [
                {
                    "MapFromAttribute": other,
                    "MapFromProperty": "CurrentValue",
                    "MapFromCondition": "NEQ",
                    "MapFromValue": value,
                }
            ],
            "MapToAttribute": name,
            "MapToProperty": "ReadOnly",
            "MapToValue": True,
        },
    }


def _spelled_out(name: str) -> str:
    """The name with a space before each word."""
    words = "".join(f" {letter}" if letter.isupper() else letter for letter in name)
    return words.replace("_", " ").strip() or name
