"""The schema's history, applied by ``fleetd/store/schema.py``; one tree for both databases."""
