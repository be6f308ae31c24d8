"""REST under /v1: declares its operations once, for routes, validation and OpenAPI alike.

It knows HTTP and nobody below does. It meets the rest of fleetd through the ports in
``api/ports.py`` and the domain's stores; it holds no rule of the fleet's own.
"""
