"""Write the documents that are made from the code: run it after a change of options or metrics."""  # noqa: INP001 - a script

from __future__ import annotations

from pathlib import Path

from fleetd.config import explain
from fleetd.driverkit.describe import render_markdown
from fleetd.driverkit.registry import Registry
from fleetd.telemetry import describe

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Write each of them."""
    (ROOT / "config/fleetd.yaml").write_text(explain.render_yaml())
    (ROOT / "docs/configuration.md").write_text(explain.render_markdown())
    (ROOT / "docs/metrics.md").write_text(describe.render_markdown())
    (ROOT / "docs/quirks.md").write_text(render_markdown(Registry.load().drivers))


if __name__ == "__main__":
    main()
