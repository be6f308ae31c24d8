"""The seams at which a driver may put a procedure of its own in place of the standard's.

A behaviour is pure: it reads documents that were already fetched and answers with values or with
the requests that it wants sent. What it needs fetched, its ``reads`` say.
"""
