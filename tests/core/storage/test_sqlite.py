import multiprocessing
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from rmos.errors import Busy, Conflict, Corrupt
from rmos.runs.evidence_records import advisory_key, attachment_key, explanation_key
from rmos.runs.repository import key_of
from rmos.storage import sqlite_database
from rmos.storage.files import FileBlobStore
from rmos.storage.ports import Add, Delete, Entry, Order, Put, Record, Reserve
from rmos.storage.schema import Migration, SchemaTooNew, known_migrations, migrate, schema_differences
from rmos.storage.sqlite import SqliteRecordStore
from rmos.storage.sqlite_scan import SqliteScan


@pytest.fixture
def path(tmp_path):
    return tmp_path / "rmos.sqlite3"


@pytest.fixture
def store(path, tmp_path):
    with closing(SqliteRecordStore(path, FileBlobStore(tmp_path / "blobs"))) as opened:
        yield opened


@pytest.fixture
def raw(path, store):
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as connection:
        yield connection


REPLACE_BY_ROWID = (
    "INSERT OR REPLACE INTO records (rowid, key, version, head, head_digest, entries, digest, body) "
    "SELECT 1, 'other/2', version, head, head_digest, entries, digest, body FROM records WHERE key = 'other'"
)


def test_a_scan_that_was_left_half_way_may_end_after_its_database(path, tmp_path, store):
    store.commit([Put(Record("a", "{}")), Put(Record("b", "{}"))])
    scan = SqliteScan(path, FileBlobStore(tmp_path / "blobs"))
    half = scan.records()
    assert next(half).key == "a"
    scan.close()
    half.close()


IMMUTABLE = [key_of("run_1"), advisory_key("run_1", "adv_1"), attachment_key("run_1", "0" * 64)]


def immutable(key):
    return Record(key, "{}", {"n": 1}, (Entry("runs", "1"),))


@pytest.mark.parametrize("key", IMMUTABLE)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE records SET body = 'x' WHERE key = :key",
        "UPDATE records SET version = 2 WHERE key LIKE 'run%'",
        "UPDATE records SET key = 'run-view/run_1' WHERE key = :key",
        "UPDATE records SET key = :key || '2' WHERE key = 'other'",
        "UPDATE OR REPLACE records SET key = :key WHERE key = 'other'",
        "DELETE FROM records WHERE key = :key",
        "DELETE FROM records",
        "INSERT OR REPLACE INTO records SELECT * FROM records WHERE key = :key",
        "REPLACE INTO records SELECT * FROM records WHERE key = :key",
        REPLACE_BY_ROWID,
        "UPDATE OR REPLACE records SET rowid = 1 WHERE key = 'other'",
        "INSERT INTO records SELECT * FROM records WHERE key = :key ON CONFLICT (key) DO UPDATE SET body = 'x'",
    ],
)
def test_no_statement_changes_or_removes_a_run_or_what_was_added_to_it(store, raw, key, statement):
    kept = immutable(key)
    store.commit([Put(kept), Put(Record("other", "1"))])

    with pytest.raises(sqlite3.IntegrityError, match="immutable"):
        raw.execute(statement, {"key": key})

    assert store.get([key]) == [kept]


@pytest.mark.parametrize("key", IMMUTABLE)
def test_the_store_itself_cannot_change_or_remove_them(store, key):
    kept = immutable(key)
    store.commit([Put(kept)])

    for change in (Put(Record(key, "x", version=2), kept), Delete(kept)):
        with pytest.raises(sqlite3.IntegrityError, match="immutable"):
            store.commit([change])

    assert store.get([key]) == [kept]


def test_explanations_move_on_and_sessions_of_uploads_go(store):
    first, session = Record(explanation_key("run_1"), "1"), Record("run-upload/run_1/u1", "1", expires_at=1)
    store.commit([Put(first), Put(session)])

    store.commit([Put(Record(first.key, "2", version=2), first)])
    store.commit([Put(Record(session.key, "2", expires_at=4_102_444_800))])

    assert [record.body for record in store.get([first.key, session.key])] == ["2", "2"]


def test_a_database_of_the_first_schema_guards_additions_once_it_is_opened(path, tmp_path):
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrate(connection, known_migrations()[:1])
    key = advisory_key("run_1", "adv_1")

    with closing(SqliteRecordStore(path, FileBlobStore(tmp_path / "blobs"))) as store:
        store.commit([Put(kept := immutable(key))])
        with pytest.raises(sqlite3.IntegrityError, match="immutable"):
            store.commit([Delete(kept)])


def test_the_log_is_synced_on_every_commit(store):
    with store._database.reading() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


@pytest.fixture
def impatient(monkeypatch):
    """Shorten the time-out of stores opened after this."""
    monkeypatch.setattr(sqlite_database, "BUSY_TIMEOUT_S", 0.3)


def test_a_writer_that_holds_the_file_too_long_makes_others_busy_and_nothing_is_written(impatient, store, raw):
    store.commit([Put(Record("a", "1"))])
    raw.execute("BEGIN IMMEDIATE")
    started = time.monotonic()

    with pytest.raises(Busy):
        store.commit([Put(Record("b", "1"))])

    # Reading goes on meanwhile.
    assert 0.2 < time.monotonic() - started < 5
    assert store.get(["a", "b"]) == [Record("a", "1"), None]
    raw.execute("ROLLBACK")
    store.commit([Put(Record("b", "1"))])


def test_a_thread_that_waits_for_another_is_busy_after_the_time_out(impatient, store):
    with store._database.writing():
        outcome = []

        def write():
            try:
                store.commit([Put(Record("b", "1"))])
            except Busy as error:
                outcome.append(error)

        thread = threading.Thread(target=write)
        thread.start()
        thread.join(5)

    assert len(outcome) == 1


def test_a_failed_commit_leaves_the_connection_fit_for_the_next(store):
    store.commit([Put(Record("a", "1"))])
    for _ in range(3):
        with pytest.raises(Conflict):
            store.commit([Put(Record("a", "1"))])

    store.commit([Put(Record("b", "1"))])
    assert store.get(["b"]) != [None]


def test_a_full_disk_is_busy_and_room_lets_the_next_write_through(path, store):
    with closing(sqlite_database.Database(path)) as database:
        insert = "INSERT INTO queue (queue, event_id, body, visible_at) VALUES ('images', 'event', ?, 0)"
        with database.writing() as connection:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(Busy, match="SQLITE_FULL"), database.writing() as connection:
            connection.execute(insert, ("x" * 100_000,))
        with database.writing() as connection:
            connection.execute("PRAGMA max_page_count = 1000000")
            connection.execute(insert, ("x" * 100_000,))
        with database.reading() as connection:
            assert connection.execute("SELECT count(*) FROM queue").fetchone() == (1,)


def test_a_disk_that_turned_read_only_is_busy_and_what_is_there_is_still_read(path, store):
    store.commit([Put(Record("a", "1"))])
    with closing(sqlite_database.Database(path)) as database:
        with database.reading() as connection:
            connection.execute("PRAGMA query_only = ON")  # answers as SQLite does where the file may not be written
        with pytest.raises(Busy, match="SQLITE_READONLY"), database.writing() as connection:
            connection.execute("DELETE FROM records")
        with database.reading() as connection:
            assert connection.execute("SELECT count(*) FROM records").fetchone() == (1,)


def test_a_copy_that_finds_no_room_is_busy(path, store, tmp_path):
    (tmp_path / "copy").mkdir()
    with pytest.raises(Busy, match="SQLITE_CANTOPEN"):
        sqlite_database.copy_database(path, tmp_path / "copy")


def test_a_file_that_cannot_be_opened_any_more_is_busy(path, store):
    with closing(sqlite_database.Database(path)) as database:
        path.rename(path.with_suffix(".away"))
        path.mkdir()
        with ThreadPoolExecutor(1) as another_thread, pytest.raises(Busy, match="SQLITE_CANTOPEN"):
            another_thread.submit(lambda: database.reading().__enter__()).result()


def test_connections_of_ended_threads_close(store):
    def read():
        store.get(["a"])

    for _ in range(10):
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
    read()

    assert sum(close.alive for close in store._database._opened) == 1


def test_a_closed_store_refuses_every_thread(path, tmp_path):
    store = SqliteRecordStore(path, FileBlobStore(tmp_path / "blobs"))
    store.get(["a"])
    store.close()
    refused = []

    def read():
        try:
            store.get(["a"])
        except (ValueError, sqlite3.ProgrammingError) as error:
            refused.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    read()

    assert len(refused) == 2
    store.close()


@pytest.mark.parametrize(
    "change",
    [
        "sort = '15'",
        "sort = '0'",
        "key = 'sound'",
        "key = 'nowhere'",
        "digest = zeroblob(32)",
    ],
)
def test_an_altered_line_is_never_served(store, raw, change):
    store.commit([Put(Record("a", "1", {}, (Entry("all", "1"),))), Put(Record("sound", "1", {}, (Entry("all", "2"),)))])
    raw.execute(f"UPDATE entries SET {change} WHERE sort = '1'")

    with pytest.raises(Corrupt):
        store.query("all", "", "", Order.OLDEST_FIRST, None, 10)


def test_the_digest_of_a_line_tells_where_each_of_its_parts_ends(store, raw):
    store.commit([Put(Record("c", "1", {}, (Entry("a", "b"),)))])
    raw.execute("UPDATE entries SET index_name = 'ab', sort = ''")

    with pytest.raises(Corrupt):
        store.query("ab", "", "", Order.OLDEST_FIRST, None, 10)


def test_expired_records_do_not_pile_up(store, raw):
    for number in range(5):
        store.commit([Put(Record(f"old/{number}", "1", {}, (Entry("all", str(number)),), expires_at=1))])

    assert raw.execute("SELECT count(*) FROM records").fetchone() == (0,)
    assert raw.execute("SELECT count(*) FROM entries").fetchone() == (0,)


def create_and_count(path, blobs, number, begin):
    """Take part in a race of processes: try to create one record, and add to and reserve from shared counters."""
    with closing(SqliteRecordStore(path, FileBlobStore(blobs))) as store:
        begin.wait(20)
        try:
            store.commit([Put(Record("contested", str(number), {}, (Entry("all", str(number)),))), Add("won", 1, "x")])
        except Conflict:
            store.commit([Add("lost", 1, str(number))])
        for turn in range(10):
            store.commit([Add("sum", 1, f"{number}-{turn}"), Reserve("budget", 1, 100)])


def test_processes_that_open_migrate_and_write_at_once_have_one_winner_and_exact_counters(path, tmp_path):
    spawn = multiprocessing.get_context("spawn")
    begin = spawn.Barrier(3)
    processes = [
        spawn.Process(target=create_and_count, args=(path, tmp_path / "blobs", number, begin)) for number in range(3)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)

    assert [process.exitcode for process in processes] == [0, 0, 0]
    with closing(SqliteRecordStore(path, FileBlobStore(tmp_path / "blobs"))) as store:
        assert store.totals(["won", "lost", "sum", "budget"]) == [1, 2, 30, 30]
        (line,) = store.query("all", "", "", Order.OLDEST_FIRST, None, 10).items
        assert store.get(["contested"])[0].body == line.sort


def open_many(path, blobs, begin, errors):
    begin.wait(20)
    try:
        SqliteRecordStore(path, FileBlobStore(blobs)).close()
    except (sqlite3.Error, Busy) as error:
        errors.append(error)


def test_threads_that_open_a_new_file_at_once_migrate_it_once(tmp_path):
    for attempt in range(5):
        path = tmp_path / f"{attempt}.sqlite3"
        begin, errors = threading.Barrier(6), []
        threads = [threading.Thread(target=open_many, args=(path, tmp_path / "blobs", begin, errors)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert errors == []
        with closing(sqlite3.connect(path)) as connection:
            applied = connection.execute("SELECT number, name FROM schema_migrations").fetchall()
            assert applied == [(migration.number, migration.name) for migration in known_migrations()]
            assert schema_differences(connection, known_migrations()) == []


def test_a_database_from_a_newer_program_is_refused_untouched(path, tmp_path, store, raw):
    raw.execute("INSERT INTO schema_migrations VALUES (9000, '9000_later.sql', 'x')")

    with pytest.raises(SchemaTooNew, match="9000"):
        SqliteRecordStore(path, FileBlobStore(tmp_path / "blobs"))


def test_migrations_are_numbered_without_gaps_from_one():
    assert [migration.number for migration in known_migrations()] == list(range(1, len(known_migrations()) + 1))


def test_a_migration_that_fails_half_way_leaves_nothing_of_itself():
    first = Migration(1, "0001_first.sql", "CREATE TABLE kept (a);")
    failing = Migration(2, "0002_failing.sql", "CREATE TABLE half (a);\nINSERT INTO nowhere VALUES (1);")
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        with pytest.raises(sqlite3.OperationalError):
            migrate(connection, [first, failing])
        assert connection.execute("SELECT number FROM schema_migrations").fetchall() == [(1,)]
        assert schema_differences(connection, [first]) == []

        repaired = Migration(2, "0002_failing.sql", "CREATE TABLE half (a);")
        migrate(connection, [first, repaired])
        migrate(connection, [first, repaired])
        assert schema_differences(connection, [first, repaired]) == []


def test_a_migration_that_ends_within_a_statement_is_refused():
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection, pytest.raises(ValueError):
        migrate(connection, [Migration(1, "0001_open.sql", "CREATE TABLE a (b)")])


@pytest.mark.parametrize("order", Order)
def test_a_page_in_the_middle_of_a_long_index_seeks_to_its_place(store, raw, order):
    """A page costs the same anywhere in any index: it is one seek in the clustered table, without a sort."""
    statements = []
    with store._database.reading() as connection:
        connection.set_trace_callback(statements.append)
    store.query("all", "1", "9", order, "5", 50)

    (statement,) = [text for text in statements if "FROM entries" in text]
    plan = [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}")]
    bound = "sort>?" if order is Order.OLDEST_FIRST else "sort<?"
    assert plan[0].startswith("SEARCH e USING PRIMARY KEY (index_name=? AND") or bound in plan[0]
    assert not any("TEMP B-TREE" in step or "SCAN" in step for step in plan)
