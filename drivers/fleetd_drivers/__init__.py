"""Drivers for the families of BMCs that fleetd knows; each module declares one family."""
