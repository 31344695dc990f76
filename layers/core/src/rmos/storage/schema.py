"""Numbered migrations of the SQLite database, applied at start."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.resources import files

from rmos.errors import RmosError


class SchemaTooNew(RmosError):
    """The database was written by a newer RMOS; this one would misread it."""

    slug = "schema-too-new"
    title = "Database is newer than the program"


@dataclass(frozen=True, slots=True)
class Migration:
    """One file `NNNN_<name>.sql`."""

    number: int
    name: str
    script: str


def known_migrations() -> list[Migration]:
    """Return the migrations that ship with this program, in order."""
    found = [
        Migration(int(file.name[:4]), file.name, file.read_text(encoding="utf-8"))
        for file in files("rmos.storage").joinpath("migrations").iterdir()
        if file.name.endswith(".sql")
    ]
    return sorted(found, key=lambda migration: migration.number)


def migrate(connection: sqlite3.Connection, migrations: list[Migration]) -> None:
    """Apply what is missing of `migrations`, each in one transaction.

    Processes that start at once take turns; each migration happens once. `connection` is in autocommit mode.

    Raises:
        SchemaTooNew: the database knows a later migration than `migrations`.
    """
    newest = max(migration.number for migration in migrations)
    reached = _reached(connection)
    if reached > newest:
        raise SchemaTooNew(
            f"the database has schema {reached}, this program knows up to {newest}; "
            "start the newer program, or restore a backup made by this one"
        )
    for migration in migrations:
        if migration.number > reached:
            _apply(connection, migration)


def schema_differences(connection: sqlite3.Connection, migrations: list[Migration]) -> list[str]:
    """Return the names of tables, indexes and triggers that are not as `migrations` make them, in order."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        migrate(fresh, migrations)
        expected = _definitions(fresh)
    found = _definitions(connection)
    return sorted({str(name) for (name, *_) in expected ^ found})


def _definitions(connection: sqlite3.Connection) -> set[tuple[str, str, str | None]]:
    return set(connection.execute("SELECT name, type, sql FROM sqlite_master"))


def _apply(connection: sqlite3.Connection, migration: Migration) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        if _reached(connection) < migration.number:
            for statement in _statements(migration.script):
                connection.execute(statement)
            connection.execute(
                "INSERT INTO schema_migrations VALUES (?, ?, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))",
                (migration.number, migration.name),
            )
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _reached(connection: sqlite3.Connection) -> int:
    connection.execute(
        "CREATE TABLE IF NOT EXISTS schema_migrations "
        "(number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL)"
    )
    (number,) = connection.execute("SELECT coalesce(max(number), 0) FROM schema_migrations").fetchone()
    return int(number)


def _statements(script: str) -> Iterator[str]:
    """Yield the statements of `script` one by one: `executescript` would commit before it starts."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        raise ValueError(f"a migration ends within a statement: {statement.strip()[:80]}")
