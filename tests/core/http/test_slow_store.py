"""A store that answers late or never, under a whole Lambda function: it answers before Lambda ends it."""

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest
from rmos.identity import Role, create_token
from rmos.storage.backend import open_local
from rmos.storage.dynamo_items import record_attributes, record_place

from tests.support.emulator import REGION
from tests.support.gateway import event_of

TABLE = "table"
LEFT_S = 12
NEVER = None

ASK = """
import json, sys
from types import SimpleNamespace
from runs.handler import handler
from tests.support.gateway import CONTEXT

event, left_ms = json.load(sys.stdin)
context = SimpleNamespace(**vars(CONTEXT) | {"get_remaining_time_in_millis": lambda: left_ms})
print(json.dumps(handler(event, context)))
"""


class Late(BaseHTTPRequestHandler):
    """Gives each request the next of the server's answers, and none where it is NEVER or none is left."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        answer = self.server.answers.pop(0) if self.server.answers else NEVER
        if answer is NEVER:
            self.server.over.wait()
            self.close_connection = True
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def serving(answers):
    """Serve `answers` until the block ends, and give the URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Late) as server:
        server.answers, server.over = list(answers), Event()
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.over.set()
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def token(tmp_path_factory):
    """Return a bearer token, and what DynamoDB answers when it is asked for it."""
    backend = open_local(tmp_path_factory.mktemp("data"))
    bearer = create_token(backend.records, "somebody", Role.VIEWER)
    (record,) = backend.records.get([f"token/{bearer.split('_')[1]}"])
    backend.close()
    item = {**record_place(record.key), **record_attributes(record)}
    return bearer, json.dumps({"Responses": {TABLE: [item]}, "UnprocessedKeys": {}}).encode()


def asked(url, bearer, left_s):
    """Return what the function of the runs answers to a list, `left_s` before Lambda ends it, and after how long."""
    event = event_of("GET", "/api/runs", {"Authorization": f"Bearer {bearer}"}, b"")
    env = {
        "PATH": "/usr/bin:/bin",
        "HOME": "/nonexistent",
        "AWS_ENDPOINT_URL": url,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "RMOS_STORAGE": "AWS",
        "RMOS_TABLE_NAME": TABLE,
        "RMOS_BUCKET_NAME": "bucket",
    }
    began = time.monotonic()
    told = subprocess.run(
        [sys.executable, "-c", ASK],
        env=env,
        input=json.dumps([event, left_s * 1000]),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return json.loads(told.stdout.splitlines()[-1]), time.monotonic() - began


@pytest.mark.slow
@pytest.mark.parametrize("first", ["never", "late"])
def test_a_request_of_two_calls_that_hang_is_a_503_in_time(token, first):
    bearer, found = token
    with serving([NEVER, found] if first == "late" else []) as url:
        answer, took_s = asked(url, bearer, LEFT_S)

    assert answer["statusCode"] == 503, answer
    assert json.loads(answer["body"])["type"] == "urn:rmos:problem:busy"
    assert answer["headers"]["retry-after"]
    assert took_s < LEFT_S
