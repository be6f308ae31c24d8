"""Captured Redfish trees in DMTF's mockup layout, served over HTTP as they are, read-only."""
