"""fleetd turns a data centre's management network into cloud capacity."""

__version__ = "0.1.0"
