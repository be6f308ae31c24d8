"""Rules that turn an inventory into a node's class: resource class, traits, interfaces, networks.

How rules combine: every rule whose conditions all hold applies, in the order of the file, and
``defaults`` come last. A single value is taken from the first that gives it; traits add up;
mappings (properties, capabilities, interfaces) are merged key by key, the first that gives a key
wins. ``ports`` works the same way for each port of a server.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import yaml
from pydantic import BeforeValidator, Field, ValidationError, model_validator

from fleetd.config.section import Name, Section
from fleetd.domain.errors import ConfigError

Pattern = Annotated[str, Field(min_length=1)]
"""A shell pattern (``*``, ``?``, ``[...]``) without regard to case."""
Patterns = Annotated[tuple[Pattern, ...], Field(min_length=1)]
"""One of these must match."""
ResourceClass = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]
"""Nova asks for it in upper case, with CUSTOM_ before it and everything else as underscores."""
Trait = Annotated[
    str, Field(pattern=r"^(CUSTOM|HW|COMPUTE|STORAGE|MISC)_[A-Z0-9_]+$", max_length=255)
]
Scalar = str | int | float | bool

InterfaceKind = Literal[
    "bios",
    "boot",
    "console",
    "deploy",
    "firmware",
    "inspect",
    "management",
    "network",
    "power",
    "raid",
    "rescue",
    "storage",
    "vendor",
]


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class Bounds(Section):
    """A number must lie within; both ends belong to it."""

    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _some_order(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("needs min or max")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min is above max")
        return self


class ServerConditions(Section):
    """What must hold of a server; all of them."""

    vendor: Patterns | None = None
    manufacturer: Patterns | None = None
    model: Patterns | None = None
    sku: Patterns | None = None
    serial: Patterns | None = None
    architecture: Patterns | None = None
    """As Ironic says it: x86_64, aarch64, ..."""
    site: Patterns | None = None
    rack: Patterns | None = None
    labels: dict[Name, Pattern] = Field(default_factory=dict)
    """Labels of the endpoint."""
    gpu: Patterns | None = None
    """``manufacturer model`` of any GPU."""
    gpus: Bounds | None = None
    processor: Patterns | None = None
    """``manufacturer model`` of any processor."""
    processors: Bounds | None = None
    threads: Bounds | None = None
    memory_gib: Bounds | None = None
    drives: Bounds | None = None
    nvme_drives: Bounds | None = None
    storage_gb: Bounds | None = None
    """All drives together, in 10^9 bytes."""
    port_gbps: Bounds | None = None
    """The fastest port."""


class ServerClass(Section):
    """What a rule gives to a server."""

    resource_class: ResourceClass | None = None
    traits: tuple[Trait, ...] = ()
    properties: dict[Name, Scalar] = Field(default_factory=dict)
    capabilities: dict[Name, str] = Field(default_factory=dict)
    conductor_group: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]*$", max_length=255)] | None = (
        None
    )
    owner: str | None = None
    drivers: Annotated[tuple[Name, ...], Field(min_length=1)] | None = None
    """Hardware types in order of preference: the first that Ironic has enabled is used."""
    interfaces: dict[InterfaceKind, Annotated[tuple[Name, ...], BeforeValidator(_listed)]] = Field(
        default_factory=dict
    )
    """By kind, one name or several in order of preference: the first that Ironic has enabled for
    the driver is used; where it has none of them, the choice is Ironic's."""


class ServerRule(Section):
    """Servers for which ``when`` holds get ``set``."""

    name: Name
    when: ServerConditions = ServerConditions()
    set: ServerClass


class PortConditions(Section):
    """What must hold of a port; all of them."""

    switch: Patterns | None = None
    """System name of the neighbour, by LLDP."""
    switch_port: Patterns | None = None
    nic: Patterns | None = None
    """Name or slot of the NIC that the port belongs to."""
    number: Patterns | None = None
    gbps: Bounds | None = None
    link_up: bool | None = None
    site: Patterns | None = None


class PortClass(Section):
    """What a rule gives to a port."""

    physical_network: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    pxe_enabled: bool | None = None


class PortRule(Section):
    """Ports for which ``when`` holds get ``set``."""

    name: Name
    when: PortConditions = PortConditions()
    set: PortClass


class Classification(Section):
    """The whole file."""

    defaults: ServerClass
    rules: tuple[ServerRule, ...] = ()
    ports: tuple[PortRule, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.defaults.resource_class is None:
            raise ValueError("defaults must give a resource_class: Nova places nothing without")
        for rules in (self.rules, self.ports):
            names = [rule.name for rule in rules]
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"two rules are named {twice[0]!r}")
        return self

    @property
    def traits(self) -> frozenset[str]:
        """Every trait that some rule can give."""
        given = (self.defaults, *(rule.set for rule in self.rules))
        return frozenset(trait for one in given for trait in one.traits)


BUILT_IN: Final = "classification.yaml"


def load_classification(path: Path | None) -> Classification:
    """Read the rules; the built-in ones where no file is named.

    Raises:
        ConfigError: The file cannot be read, or breaks a rule; names file, rule and key.
    """
    if path is None:
        source = files("fleetd.config").joinpath(BUILT_IN)
        return parse_classification(source.read_text(encoding="utf-8"), source=BUILT_IN)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    return parse_classification(text, source=str(path))


def parse_classification(text: str, *, source: str) -> Classification:
    """Rules from YAML text; ``source`` names it in errors.

    Raises:
        ConfigError: It is no YAML, or breaks a rule; names file, rule and key.
    """
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{source}: is not YAML: {' '.join(str(error).split())}") from error
    try:
        return Classification.model_validate(content)
    except ValidationError as error:
        complaints = [
            f"{source}: {_place(item['loc'], content)}: {item['msg']}" for item in error.errors()
        ]
        raise ConfigError("\n".join(complaints)) from error


def _place(location: Sequence[int | str], content: Any) -> str:
    """``rule 'gpu' (rules.2), set.traits.0`` in place of bare indices."""
    if len(location) > 1 and location[0] in {"rules", "ports"} and isinstance(location[1], int):
        rule = content[location[0]][location[1]]
        name = rule.get("name") if isinstance(rule, dict) else None
        key = ".".join(str(part) for part in location[2:]) or "the rule"
        return f"rule {name!r} ({location[0]}.{location[1]}), {key}"
    return ".".join(str(part) for part in location) or "the file"
