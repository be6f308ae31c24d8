"""What every behaviour is: a named seam, and what must be read before it's asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from fleetd.driverkit.plan import Follow


class Behaviour:
    """A named seam; it holds no state and does no I/O.

    ``reads`` names, by kind of resource, the links to follow before it's asked; ``gather`` does.
    """

    reads: ClassVar[Mapping[str, tuple[Follow, ...]]] = {}
