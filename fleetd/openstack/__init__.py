"""OpenStack services behind the domain's ports; no type of theirs leaves this package."""
