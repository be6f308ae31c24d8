"""What a driver may declare: matches, quirks, behaviours, the standard driver and the registry."""
