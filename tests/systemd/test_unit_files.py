from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[2] / "systemd"


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_unit_leaves_little_to_attack() -> None:
    output = run(
        tool("systemd-analyze"), "security", "--offline=true", str(UNITS / "fleetd.service")
    )

    exposure = re.search(r"Overall exposure level for fleetd\.service: ([\d.]+)", output)
    assert exposure is not None
    assert float(exposure[1]) <= 2.0


def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    program = tmp_path / "fleetd"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / "fleetd.service"
    text = (UNITS / "fleetd.service").read_text()
    unit.write_text(text.replace("/opt/fleetd/bin/fleetd", str(program)))

    output = run(tool("systemd-analyze"), "verify", "--man=no", str(unit))

    assert "fleetd" not in output
    assert str(program) in unit.read_text()


def test_the_unit_speaks_the_daemons_protocol() -> None:
    text = (UNITS / "fleetd.service").read_text()

    for line in (
        "Type=notify",
        "WatchdogSec=60s",
        "ExecReload=/bin/kill -HUP $MAINPID",
        "StateDirectory=fleetd",
        "User=fleetd",
    ):
        assert f"\n{line}\n" in text


def test_the_user_is_one_that_sysusers_makes() -> None:
    output = run(tool("systemd-sysusers"), "--dry-run", str(UNITS / "fleetd.sysusers"))

    assert "not" not in output.lower()


def test_the_directories_are_ones_that_tmpfiles_makes(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\n")
    (tmp_path / "etc/group").write_text("root:x:0:\nfleetd:x:0:\n")

    run(tool("systemd-tmpfiles"), "--create", f"--root={tmp_path}", str(UNITS / "fleetd.tmpfiles"))

    assert (tmp_path / "etc/fleetd").stat().st_mode & 0o777 == 0o750
    assert (tmp_path / "etc/fleetd/credentials").stat().st_mode & 0o777 == 0o700
