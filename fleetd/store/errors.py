"""What a database says when it fails, turned into the domain's errors: the one place for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import (
    DBAPIError,
    InterfaceError,
    InvalidRequestError,
    OperationalError,
    StatementError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from fleetd.domain.errors import (
    Conflict,
    FleetError,
    InvalidInput,
    SchemaMismatch,
    StoreBusy,
    StoreError,
    StoreUnavailable,
)

_OUTDATED: Final = "the database's schema doesn't fit this version: run `fleetd migrate`"

# By the primary result code's name (https://sqlite.org/rescode.html).
_SQLITE: Final[tuple[tuple[str, type[FleetError], str], ...]] = (
    ("SQLITE_BUSY", StoreBusy, "another process holds the database's write lock"),
    ("SQLITE_LOCKED", StoreBusy, "another connection holds a table's lock"),
    ("SQLITE_READONLY", StoreUnavailable, "the database is read-only: look at its permissions"),
    ("SQLITE_FULL", StoreUnavailable, "the database or its disk is full: free space on it"),
    ("SQLITE_IOERR", StoreUnavailable, "the disk under the database failed"),
    ("SQLITE_CANTOPEN", StoreUnavailable, "the database can't be opened: look at its permissions"),
    ("SQLITE_PERM", StoreUnavailable, "the database may not be opened: look at its permissions"),
    ("SQLITE_CORRUPT", StoreUnavailable, "the database is damaged: restore it from a backup"),
    ("SQLITE_NOTADB", StoreUnavailable, "the file is no SQLite database"),
    ("SQLITE_CONSTRAINT", Conflict, "it contradicts what is stored"),
    ("SQLITE_TOOBIG", InvalidInput, "a value is too large for the database"),
    ("SQLITE_MISMATCH", InvalidInput, "a value is of the wrong type"),
)
# By SQLSTATE or its class, the longer first
# (https://www.postgresql.org/docs/15/errcodes-appendix.html).
_POSTGRESQL: Final[tuple[tuple[str, type[FleetError], str], ...]] = (
    ("25006", StoreUnavailable, "the database is read-only"),
    ("42P01", SchemaMismatch, _OUTDATED),
    ("42703", SchemaMismatch, _OUTDATED),
    ("55000", StoreUnavailable, "the database takes no connections now"),
    ("55P03", StoreBusy, "another transaction holds the lock"),
    ("57014", StoreBusy, "the statement took too long"),
    ("08", StoreUnavailable, "the connection to the database is lost"),
    ("22", InvalidInput, "a value can't be stored"),
    ("23", Conflict, "it contradicts what is stored"),
    ("28", StoreUnavailable, "the database refused the login"),
    ("3D", StoreUnavailable, "the database doesn't exist"),
    ("40", StoreBusy, "another transaction was in the way"),
    ("53", StoreUnavailable, "the database server is out of resources"),
    ("57", StoreUnavailable, "the database server is going down"),
    ("58", StoreUnavailable, "the disk under the database failed"),
)


@contextmanager
def converting(operation: str) -> Iterator[None]:
    """Let only the domain's errors out; ``operation`` says what was being done, such as "save"."""
    try:
        yield
    except DBAPIError as error:
        raise _convert(error, operation) from error
    except StatementError as error:
        raise InvalidInput(f"cannot {operation}: a value can't be stored") from error
    except PoolTimeoutError as error:
        raise StoreBusy(f"cannot {operation}: every connection is in use") from error
    except InvalidRequestError as error:
        raise StoreError(f"cannot {operation}: the database session broke") from error
    except UnicodeEncodeError as error:
        raise InvalidInput(f"cannot {operation}: a text holds a lone surrogate") from error
    except TimeoutError as error:
        raise StoreUnavailable(f"cannot {operation}: the database doesn't answer") from error
    except OSError as error:
        reason = error.strerror or "the connection failed"
        raise StoreUnavailable(f"cannot {operation}: no database there ({reason})") from error


def _convert(error: DBAPIError, operation: str) -> FleetError:
    kind, reason = _classify(error)
    return kind(f"cannot {operation}: {reason}")


def _classify(error: DBAPIError) -> tuple[type[FleetError], str]:
    name = getattr(error.orig, "sqlite_errorname", None)
    if isinstance(name, str):
        return _look_up(_SQLITE, name) or _sqlite_error(str(error.orig))
    state = getattr(error.orig, "sqlstate", None)
    known = _look_up(_POSTGRESQL, state) if isinstance(state, str) else None
    if known is not None:
        return known
    if error.connection_invalidated or isinstance(error, InterfaceError | OperationalError):
        return StoreUnavailable, "the connection to the database is lost"
    return StoreError, "the database refused it"


def _look_up(
    table: tuple[tuple[str, type[FleetError], str], ...], code: str
) -> tuple[type[FleetError], str] | None:
    return next(((kind, why) for start, kind, why in table if code.startswith(start)), None)


def _sqlite_error(message: str) -> tuple[type[FleetError], str]:
    if "no such table" in message or "no such column" in message or "has no column" in message:
        return SchemaMismatch, _OUTDATED
    return StoreError, "the database refused it"
