"""The worked driver of docs/writing-a-driver.md is a driver."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path
from typing import Any

from fleetd.driverkit.behaviours.behaviour import Behaviour
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.registry import Registry
from fleetd.driverkit.spec import Driver

BEHAVIOURS = "fleetd.driverkit.behaviours"
GUIDE = Path(__file__).parents[2] / "docs" / "writing-a-driver.md"


def worked_driver() -> Driver:
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, str(GUIDE), "exec"), names)
    driver = names["AME"]
    assert isinstance(driver, Driver)
    return driver


def test_the_guide_s_driver_claims_and_repairs_its_machines() -> None:
    old = Facts(vendor="Acme", manager_model="AME2", manager_firmware="2.3")
    new = Facts(vendor="Acme", manager_model="AME2", manager_firmware="2.4")
    registry = Registry.of([worked_driver()])
    body = {"SerialNumber": "", "Oem": {"Acme": {"Label": "A7"}}}

    assert registry.choose(old).name == "acme.ame"
    assert registry.choose(old).repair("ComputerSystem", body)["SerialNumber"] == "A7"
    assert registry.choose(new).repair("ComputerSystem", body)["SerialNumber"] == ""


def test_the_guide_imports_only_what_it_uses() -> None:
    code = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)[0]
    imported = re.findall(r"^from fleetd\S* import (.+)$", code, re.MULTILINE)
    names = [name for line in imported for name in line.split(", ")]

    assert [name for name in names if len(re.findall(rf"\b{name}\b", code)) < 2] == []


def test_the_guide_names_every_behaviour_there_is() -> None:
    package = importlib.import_module(BEHAVIOURS)
    there = {
        f"{module.name}.{name}"
        for module in pkgutil.iter_modules(package.__path__)
        for name, item in vars(importlib.import_module(f"{BEHAVIOURS}.{module.name}")).items()
        if isinstance(item, type)
        and Behaviour in item.__bases__
        and item.__module__.endswith(f".{module.name}")
    }

    told = set(re.findall(r"`([a-z_]+\.[A-Z][A-Za-z]+)`", GUIDE.read_text()))

    assert told == there
