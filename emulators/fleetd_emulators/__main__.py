"""``python -m fleetd_emulators`` is ``fleetd-emulators``."""

from __future__ import annotations

import sys

from fleetd_emulators.main import main

if __name__ == "__main__":
    sys.exit(main())
