"""Reading endpoints, recognising devices, keeping what changed."""
