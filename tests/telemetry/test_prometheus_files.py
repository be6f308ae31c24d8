from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FILES = ROOT / "config/prometheus"


def test_alerts_use_metrics_that_there_are() -> None:
    documented = set(
        re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/metrics.md").read_text(), re.MULTILINE)
    )
    rules = yaml.safe_load((FILES / "alerts.yaml").read_text())["groups"][0]["rules"]

    used = {name for rule in rules for name in re.findall(r"\bfleetd_\w+", rule["expr"])}

    assert used
    assert used <= documented


@pytest.mark.parametrize(
    "command", [("check", "rules", "alerts.yaml"), ("check", "config", "prometheus.yaml")]
)
def test_promtool_accepts_the_files(command: tuple[str, ...]) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (Debian's package prometheus has it)")

    done = subprocess.run(
        (promtool, *command), cwd=FILES, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
