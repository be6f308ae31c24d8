"""Use cases and reconcilers: discovery, inventory, enrollment; the world is met at ports."""
