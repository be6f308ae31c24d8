"""``python -m fleetd_emulators.conformance``."""

from __future__ import annotations

from fleetd_emulators.conformance.main import main

raise SystemExit(main())
