"""How often Python looks for cyclic garbage: seldom, as sweeps make much that isn't any.

Sixty documents of a BMC, parsed and normalised, are tens of thousands of live objects. At the
interpreter's own thresholds a sweep spends a quarter of its CPU on looking through them again and
again (8.7 of which 2.3 ms a BMC, measured by ``make bench``), and finds next to nothing.
"""

from __future__ import annotations

import gc
from typing import Final

_YOUNG: Final = 50_000  # objects made, less objects freed, between two looks at the young
_OLDER: Final = 20  # looks at one generation before a look at the next older one


def spare_collector() -> None:
    """Set what is loaded by now aside for good, and look for garbage less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _OLDER, _OLDER)
