"""``fleetctl corpus``: captured trees inventoried, and held against a count of their own files."""
