"""A driver of somebody else's package is installed, found and chosen, with no change of fleetd."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[2] / "docs" / "writing-a-driver.md"
PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "fleetd-acme"
version = "1.0"

"""
ASK = """
import json
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.registry import Registry

registry = Registry.load()
machine = Facts(vendor="Acme Inc", manager_model="AME2", manager_firmware="2.3")
chosen = registry.choose(machine)
print(json.dumps({
    "chosen": chosen.name,
    "because": chosen.because,
    "quirks": [quirk.id for quirk in chosen.quirks],
    "others": registry.choose(Facts(vendor="Dell")).name,
    "rejected": [item.reason for item in registry.rejected],
}))
"""


def block(language: str) -> str:
    """The guide's own block, so that what it shows is what works."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    return str(found)


def package(directory: Path) -> Path:
    (directory / "fleetd_acme").mkdir(parents=True)
    (directory / "fleetd_acme" / "__init__.py").write_text(block("python"))
    (directory / "pyproject.toml").write_text(PROJECT + block("toml"))
    return directory


def fresh_environment(directory: Path) -> Path:
    """A new virtual environment that sees this one's fleetd; gives its interpreter."""
    venv.create(directory, with_pip=False)
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    places = directory / "lib" / name / "site-packages"
    (places / "fleetd.pth").write_text(
        f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
    )
    return directory / "bin" / "python"


@pytest.mark.slow
def test_a_package_with_one_entry_point_adds_a_family(tmp_path: Path) -> None:
    source = package(tmp_path / "acme")
    python = fresh_environment(tmp_path / "venv")

    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "--python",
            python,
            "install",
            "--quiet",
            "--no-deps",
            source,
        ],
        check=True,
        timeout=100,
    )
    asked = subprocess.run(
        [python, "-c", ASK], check=True, timeout=60, capture_output=True, text=True, cwd=tmp_path
    )

    told = json.loads(asked.stdout)
    assert told["chosen"] == "acme.ame"
    assert told["because"] == "vendor is Acme Inc"
    assert told["quirks"] == ["serial-on-the-label"]
    assert told["others"] == "dell.idrac"
    assert told["rejected"] == []
