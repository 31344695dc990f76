"""AWS out of reach: what outlasts the client's own attempts is busy, and a create that took effect unseen is found."""

import contextlib
import io
import json
import socket
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError
from rmos.errors import Busy
from rmos.http.idempotency import Answer, OncePerKey
from rmos.storage.dynamo import DynamoRecordStore
from rmos.storage.links import Shown
from rmos.storage.ports import Blob, Order, Put, Record
from rmos.storage.s3 import S3BlobStore
from rmos.storage.s3_links import S3BlobLinks
from rmos.storage.secrets import secret_text

SHA256 = "0" * 64
RUN = Record("run/run_1", "{}")


class Failing(BaseHTTPRequestHandler):
    """Answers every request with the status of the server, and half a body where that is 200."""

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status = self.server.status
        self.send_response(status)
        self.send_header("Content-Length", "100" if status == 200 else "0")
        self.end_headers()
        if status == 200:
            self.wfile.write(b"half")
        self.close_connection = True

    do_POST = do_PUT = do_HEAD = do_GET  # noqa: N815  # names of the base class

    def log_message(self, *_):
        """Say nothing."""


@contextlib.contextmanager
def answering(status):
    with ThreadingHTTPServer(("127.0.0.1", 0), Failing) as server:
        server.status = status
        thread = threading.Thread(target=partial(server.serve_forever, poll_interval=0.01))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def hanging():
    """Let clients connect and say nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@contextlib.contextmanager
def refusing():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    yield port


OUTAGES = {
    "refuses": refusing,
    "hangs": hanging,
    "answers 500": lambda: answering(500),
    "answers 503": lambda: answering(503),
}


@pytest.fixture(params=OUTAGES)
def client_of(request):
    """Return clients whose endpoint is out of reach in the way of the parameter."""
    with OUTAGES[request.param]() as port:
        yield partial(client_at, port)


def client_at(port, service):
    return botocore.session.get_session().create_client(
        service,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        endpoint_url=f"http://127.0.0.1:{port}",
        config=Config(
            retries={"mode": "standard", "max_attempts": 1},
            connect_timeout=0.2,
            read_timeout=0.2,
            s3={"addressing_style": "path"},
        ),
    )


def test_a_table_out_of_reach_is_busy(client_of):
    records = DynamoRecordStore(client_of("dynamodb"), "table", None)

    with pytest.raises(Busy):
        records.get([RUN.key])
    with pytest.raises(Busy):
        records.query("runs", "", "", Order.OLDEST_FIRST, None, 10)
    with pytest.raises(Busy):
        records.totals(["runs"])
    with pytest.raises(Busy):
        records.commit([Put(RUN)])


def test_a_bucket_out_of_reach_is_busy(client_of):
    blobs = S3BlobStore(client_of("s3"), "bucket")
    links = S3BlobLinks(client_of("s3"), "bucket")

    with pytest.raises(Busy):
        blobs.put(io.BytesIO(b"hello"))
    with pytest.raises(Busy):
        blobs.open(SHA256)
    with pytest.raises(Busy):
        blobs.stat(SHA256)
    with pytest.raises(Busy):
        links.to_get(Blob(SHA256, 5), Shown("text/plain", "attachment"))


def test_a_blob_whose_bytes_stop_half_way_is_busy():
    with answering(200) as port, pytest.raises(Busy):
        S3BlobStore(client_at(port, "s3"), "bucket").open(SHA256)


def test_secrets_out_of_reach_are_busy_and_not_taken_for_missing(client_of, monkeypatch):
    monkeypatch.setattr("rmos.storage.secrets.client", client_of)

    with pytest.raises(Busy):
        secret_text("key")


def test_a_create_whose_answer_was_lost_is_found_by_its_key(moto_stores):
    made = []

    def create(claim):
        made.append(f"run/run_{len(made)}")
        answer = Answer(201, json.dumps(made[-1]))
        moto_stores.records.commit([Put(Record(made[-1], "{}")), *claim(answer)])
        return answer

    def lose(**_):
        moto_stores.dynamodb.meta.events.unregister("after-call.dynamodb.TransactWriteItems", lose)
        raise ReadTimeoutError(endpoint_url="http://127.0.0.1")

    moto_stores.dynamodb.meta.events.register("after-call.dynamodb.TransactWriteItems", lose)
    once = OncePerKey("idempotency/key", SHA256, SHA256)
    with pytest.raises(Busy):
        once.answer(moto_stores.records, create)

    again = once.answer(moto_stores.records, create)

    assert (json.loads(again.body), again.headers["idempotent-replayed"]) == ("run/run_0", "true")
    assert made == ["run/run_0"]
