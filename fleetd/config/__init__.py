"""One frozen model per section of fleetd.yaml; a component receives its own section only."""
