"""The command ``fleetd`` itself: what a wrong call gets."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def fleetd(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "fleetd.daemon.main", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["serve", "--no-such-option"], "No such option: --no-such-option"),
        (["no-such-command"], "No such command 'no-such-command'"),
        (["demo", "--servers", "none"], "'--servers'"),
        (["check-config", "/no/such/file.yaml"], "/no/such/file.yaml: cannot be read"),
        (["serve", "--config", "/no/such/file.yaml"], "/no/such/file.yaml: cannot be read"),
    ],
)
def test_a_wrong_call_is_one_line_and_code_2(arguments: list[str], says: str) -> None:
    done = fleetd(*arguments)

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("fleetd: ")
    assert says in done.stderr


def test_a_configuration_is_told_line_by_line_with_file_and_key(tmp_path: Path) -> None:
    path = tmp_path / "fleetd.yaml"
    path.write_text(
        "daemon: {state_directory: state, nonsense: 1}\n"
        "discovery:\n"
        "  ranges:\n"
        "    - {cidr: 10.0.0.0/33}\n"
    )

    done = fleetd("check-config", str(path))

    assert done.returncode == 2
    assert done.stderr.count("\n") == 2, done.stderr
    first, second = done.stderr.splitlines()
    assert first.startswith(f"fleetd: {path}:1: daemon.nonsense: unknown key")
    assert second.startswith(f"fleetd: {path}:4: discovery.ranges[0].cidr:")
