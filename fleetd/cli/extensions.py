"""Commands of fleetctl that other packages bring, found by entry point and loaded when asked for.

fleetctl itself speaks REST only. What works without a daemon (on files, say) is no business of
its own, yet people look for it here.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any, Final

import typer
from typer.core import TyperGroup

ENTRY_POINTS: Final = "fleetctl.commands"


class ExtensibleGroup(TyperGroup):
    """A group of commands that also holds those of the entry points; its own go first."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Every command's name, in the order of the help."""
        own = super().list_commands(ctx)
        return [*own, *(name for name in sorted(_points()) if name not in own)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of a name; an entry point's is loaded now."""
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        point = _points().get(cmd_name)
        if point is None:
            return None
        app = typer.Typer(rich_markup_mode=None)
        app.command(cmd_name)(point.load())
        return typer.main.get_command(app)


def _points() -> dict[str, Any]:
    return {point.name: point for point in entry_points(group=ENTRY_POINTS)}
