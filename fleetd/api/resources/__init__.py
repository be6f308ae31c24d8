"""The API's operations, one module for each resource; each module lists its own in ``ROUTES``."""
