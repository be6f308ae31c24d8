"""The fleet kept in a database: SQLite or PostgreSQL behind the ports of the domain.

Rows never leave this package: repositories take and give domain values. Every failure of the
database leaves as one of the domain's errors (``errors.py``), and then nothing was written.
"""
