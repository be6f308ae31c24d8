"""Emulated servers: what their BMCs present, a catalogue of them, and their behaviour."""
