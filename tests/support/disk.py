"""What somebody can do who has the disk: change the database behind the store's back, past its guards."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


@contextmanager
def unguarded(database: Path) -> Iterator[sqlite3.Connection]:
    """Give a connection that no trigger watches; afterwards they all stand as before."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        yield connection
        for _, sql in guards:
            connection.execute(sql)


def alter_row(database: Path, statement: str, *values: object) -> None:
    """Run a statement that changes exactly one row."""
    with unguarded(database) as connection:
        assert connection.execute(statement, values).rowcount == 1
