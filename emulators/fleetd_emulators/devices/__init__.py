"""Emulated rack equipment beside the servers: storage arrays, switches and PDUs that behave."""
