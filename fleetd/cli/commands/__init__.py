"""fleetctl's commands, one module for each resource."""
