"""Emulated BMCs over real sockets: an independent witness that shares no code with fleetd."""
