"""DMTF's own conformance tools, run from outside against the emulated fleet."""
