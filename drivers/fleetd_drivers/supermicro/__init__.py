"""Supermicro: its own BMC firmware (X10 to X14), and its boards under another stack."""
