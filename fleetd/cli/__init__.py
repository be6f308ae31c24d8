"""fleetctl: a client of the REST API and of nothing else; it holds no rule of the fleet."""
