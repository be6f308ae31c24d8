"""Rules over inventories: how they combine, and how they are refused."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fleetd.config.classification import (
    Classification,
    load_classification,
    parse_classification,
)
from fleetd.domain.device import Component, ComponentKind, Description, DeviceKind, Identity
from fleetd.domain.errors import ConfigError
from fleetd.services.enrollment.classify import classify, classify_port
from fleetd.services.enrollment.facts import PortFacts, ServerFacts, server_facts

GIB = 2**30
PLAIN = ServerFacts(vendor="HPE", model="ProLiant DL380 Gen11", labels={})


def rules(text: str) -> Classification:
    defaults = "defaults: {resource_class: baremetal, drivers: [redfish]}\n"
    return parse_classification(defaults + textwrap.dedent(text), source="rules.yaml")


def test_the_first_value_wins_traits_add_up_and_mappings_merge() -> None:
    found = classify(
        PLAIN,
        rules("""
        rules:
          - name: first
            set:
              resource_class: gold
              traits: [CUSTOM_B]
              properties: {a: 1, b: 1}
              interfaces: {deploy: ramdisk}
          - name: second
            set:
              resource_class: silver
              traits: [CUSTOM_A, CUSTOM_B]
              properties: {b: 2, c: 2}
              owner: infra
        """),
    )

    assert found.resource_class == "gold"
    assert found.traits == ("CUSTOM_A", "CUSTOM_B")
    assert found.properties == {"a": 1, "b": 1, "c": 2}
    assert found.interfaces == {"deploy": ("ramdisk",)}
    assert found.owner == "infra"
    assert found.drivers == ("redfish",)


@pytest.mark.parametrize(
    ("when", "facts", "holds"),
    [
        ("{vendor: [hpe]}", {}, True),
        ("{vendor: [dell, 'h*']}", {}, True),
        ("{vendor: [dell]}", {}, False),
        ("{vendor: [hpe], model: ['*gen12']}", {}, False),
        ("{site: ['*']}", {}, False),
        ("{site: ['*']}", {"site": "berlin"}, True),
        ("{gpus: {min: 1}}", {}, False),
        ("{gpus: {min: 1}}", {"gpus": ("NVIDIA H100",)}, True),
        ("{gpus: {max: 1}}", {"gpus": ("NVIDIA H100", "NVIDIA H100")}, False),
        ("{gpu: ['*h100*']}", {"gpus": ("NVIDIA L40S", "NVIDIA H100 80GB")}, True),
        ("{memory_gib: {min: 512, max: 512}}", {"memory_bytes": 512 * GIB}, True),
        ("{memory_gib: {min: 512}}", {"memory_bytes": 512 * GIB - 1}, False),
        ("{labels: {tier: gold}}", {"labels": {"tier": "Gold"}}, True),
        ("{labels: {tier: gold}}", {}, False),
        (
            "{port_gbps: {min: 100}}",
            {"ports": (PortFacts(mac="02:00:00:00:00:01", gbps=100),)},
            True,
        ),
        ("{storage_gb: {min: 2}}", {"drive_bytes": (10**9, 10**9)}, True),
    ],
)
def test_every_condition_must_hold(when: str, facts: dict[str, Any], *, holds: bool) -> None:
    found = classify(
        replace(PLAIN, **facts),
        rules(f"rules: [{{name: one, when: {when}, set: {{traits: [CUSTOM_ONE]}}}}]"),
    )

    assert found.traits == (("CUSTOM_ONE",) if holds else ())


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ("{switch: ['leaf-*']}", True),
        ("{switch: ['leaf-*'], number: ['2']}", False),
        ("{nic: ['*slot 1*'], link_up: true}", True),
        ("{gbps: {min: 50}}", False),
        ("{site: [berlin]}", True),
        ("{site: [paris]}", False),
    ],
)
def test_ports_are_classified_one_by_one(when: str, *, holds: bool) -> None:
    port = PortFacts(
        mac="02:00:00:00:00:01",
        nic="Slot 1",
        number="1",
        link_up=True,
        gbps=25,
        switch_name="leaf-1",
    )
    given = rules(f"ports: [{{name: a, when: {when}, set: {{physical_network: blue}}}}]")

    found = classify_port(port, site="berlin", rules=given.ports)

    assert found.physical_network == ("blue" if holds else None)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("rules: [{name: a, set: {trait: [X]}}]", "rule 'a' (rules.0), set.trait: "),
        ("rules: [{name: a, set: {traits: [x]}}]", "rule 'a' (rules.0), set.traits.0: "),
        ("rules: [{name: a, set: {interfaces: {disk: x}}}]", "set.interfaces.disk"),
        ("rules: [{name: a, when: {gpus: {min: 2, max: 1}}, set: {}}]", "min is above max"),
        ("rules: [{name: a, when: {gpus: {}}, set: {}}]", "needs min or max"),
        ("rules: [{name: a, when: {vendor: []}, set: {}}]", "rule 'a' (rules.0), when.vendor: "),
        ("rules: [{name: a, set: {}}, {name: a, set: {}}]", "two rules are named 'a'"),
        ("rules: [7]", "rule None (rules.0), the rule: "),
        ("ports: [{name: a, set: {mtu: 9000}}]", "rule 'a' (ports.0), set.mtu: "),
        ("colour: blue", "colour: "),
        ("rules: [", "is not YAML"),
    ],
)
def test_a_wrong_rule_is_named_with_its_key(text: str, complaint: str) -> None:
    with pytest.raises(ConfigError) as refused:
        rules(text)

    assert str(refused.value).startswith("rules.yaml: ")
    assert complaint in str(refused.value)


@pytest.mark.parametrize("defaults", ["{}", "{drivers: [redfish]}"])
def test_defaults_must_give_what_no_node_can_do_without(defaults: str) -> None:
    with pytest.raises(ConfigError, match="defaults must give"):
        parse_classification(f"defaults: {defaults}", source="rules.yaml")


def test_an_empty_file_and_a_missing_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^rules.yaml: the file: "):
        parse_classification("", source="rules.yaml")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_classification(tmp_path / "missing.yaml")


def test_the_built_in_rules_are_the_example_of_the_configuration_directory() -> None:
    example = Path(__file__).parents[2] / "config" / "classification.yaml"

    assert load_classification(None) == load_classification(example)


def test_the_built_in_rules_tell_a_gpu_server_from_a_plain_one() -> None:
    built_in = load_classification(None)

    plain = classify(PLAIN, built_in)
    gpu = classify(replace(PLAIN, gpus=("NVIDIA H100 80GB",), vendor="Dell"), built_in)

    assert (plain.resource_class, plain.traits) == ("baremetal", ())
    assert gpu.resource_class == "baremetal-gpu"
    assert gpu.traits == ("CUSTOM_GPU", "CUSTOM_GPU_NVIDIA_H100")
    assert gpu.drivers is None


def part(kind: ComponentKind, key: str, **attributes: Any) -> Component:
    return Component(kind=kind, key=key, name=key, attributes=attributes)


def test_facts_are_drawn_from_the_components_that_are_there() -> None:
    description = Description(
        kind=DeviceKind.SERVER,
        identity=Identity(manufacturer="Dell Inc.", model="PowerEdge R760", serial="ABC"),
        name="one",
        architecture="x86",
        components=(
            part(ComponentKind.PROCESSOR, "1", threads=64, cores=32, instruction_set="ARM-A64"),
            part(ComponentKind.PROCESSOR, "2", cores=32),
            replace(part(ComponentKind.PROCESSOR, "3", threads=64), present=False),
            part(ComponentKind.MEMORY, "1", capacity_bytes=GIB),
            part(ComponentKind.MEMORY, "2", capacity_bytes=None),
            part(ComponentKind.DRIVE, "1", capacity_bytes=960 * GIB, protocol="NVMe"),
            part(ComponentKind.DRIVE, "2", capacity_bytes=GIB, protocol="SATA"),
            part(ComponentKind.NIC, "n1", slot="Slot 1"),
            part(ComponentKind.PORT, "s/p1", mac="02:00:00:00:00:01", speed_mbps=25_000),
            part(ComponentKind.PORT, "n1/p1", mac="02:00:00:00:00:01", nic="n1", number="1"),
            part(ComponentKind.PORT, "n1/p2", mac="01:00:00:00:00:02", nic="n1"),
            part(ComponentKind.PORT, "n1/p3", mac="00:00:00:00:00:00", nic="n1"),
            part(ComponentKind.PORT, "n1/p4", nic="n1"),
        ),
    )

    facts = server_facts(description, vendor="Dell", site="berlin", labels=(("tier", "gold"),))

    assert facts.architecture == "aarch64"
    assert facts.threads == 96
    assert facts.memory_bytes == GIB
    assert facts.drive_bytes == (960 * GIB, GIB)
    assert facts.nvme_drives == 1
    assert facts.root_disk_bytes == 960 * GIB
    assert facts.site == "berlin"
    assert facts.labels == {"tier": "gold"}
    (port,) = facts.ports
    assert (port.mac, port.nic, port.number) == ("02:00:00:00:00:01", "n1 Slot 1", "1")
