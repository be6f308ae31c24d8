"""Logs, metrics and redaction: what fleetd tells about itself, and never a secret in it."""
