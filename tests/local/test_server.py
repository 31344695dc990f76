import http.client
import json
import signal
import time
from pathlib import Path

import httpx2
import pytest

from local.loopback import is_loopback
from tests.support.commands import rmos
from tests.support.one_machine import one_machine
from tests.support.procs import accepts, free_port

GREEN = (Path(__file__).parents[2] / "docs/examples/classical-green.json").read_bytes()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with one_machine(tmp_path_factory.mktemp("server") / "data", free_port()) as server:
        yield server


@pytest.fixture(scope="module")
def open_server(tmp_path_factory):
    with one_machine(tmp_path_factory.mktemp("open") / "data", free_port(), "--no-auth") as server:
        yield server


def test_it_says_when_it_is_ready_and_where_the_token_is(server):
    lines = server.running.log_text().splitlines()

    assert f"ready {server.url}" in lines
    assert f"admin token in {server.data_dir / 'admin.token'}" in lines


def test_the_admin_token_opens_every_area(server):
    evaluated = httpx2.post(f"{server.url}/api/rmos/feasibility/evaluate", json=json.loads(GREEN), headers=server.admin)
    recorded = httpx2.post(f"{server.url}/api/runs", json=json.loads(GREEN), headers=server.admin)

    assert (evaluated.status_code, evaluated.json()["risk_level"]) == (200, "GREEN")
    assert (recorded.status_code, recorded.json()["status"]) == (201, "OK")


def test_without_a_token_nobody_gets_in(server):
    refused = httpx2.get(f"{server.url}/api/runs")

    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")


def test_the_log_has_one_line_for_each_request_with_its_id(server):
    httpx2.get(f"{server.url}/healthz", headers={"X-Request-Id": "find-me"})

    # The line is written once the answer is out.
    deadline = time.monotonic() + 10
    while not (lines := logged(server, "find-me")) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [line["correlation_id"] for line in lines] == ["find-me"]


def logged(server, text):
    return [json.loads(line) for line in server.running.log_text().splitlines() if text in line]


def test_data_outlives_the_server(tmp_path):
    port = free_port()
    with one_machine(tmp_path / "data", port) as server:
        run_id = httpx2.post(f"{server.url}/api/runs", json=json.loads(GREEN), headers=server.admin).json()["run_id"]
    with one_machine(tmp_path / "data", port) as server:
        found = httpx2.get(f"{server.url}/api/runs/{run_id}", headers=server.admin)

    assert found.status_code == 200


def test_the_environment_says_where_to_listen_and_keep_data(tmp_path):
    port = free_port()
    env = {"RMOS_PORT": str(port), "RMOS_HOST": "127.0.0.1", "RMOS_DATA_DIR": str(tmp_path / "elsewhere")}
    with one_machine(tmp_path / "data", port, env=env):
        pass  # the options win over the environment

    assert (tmp_path / "data/admin.token").exists()
    assert not (tmp_path / "elsewhere").exists()


def wait_until_refused(port):
    accepts_connections = accepts(port)
    while accepts_connections():
        time.sleep(0.01)


def test_sigterm_lets_a_request_in_hand_finish_and_exits_0(tmp_path):
    with one_machine(tmp_path / "data", free_port()) as server:
        connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=20)
        connection.putrequest("POST", "/api/runs")
        for name, value in server.admin.items():
            connection.putheader(name, value)
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(len(GREEN)))
        connection.endheaders(GREEN[:100])
        httpx2.get(f"{server.url}/healthz")  # once this is answered the half request has been read

        server.running.popen.send_signal(signal.SIGTERM)
        wait_until_refused(connection.port)
        connection.send(GREEN[100:])

        assert connection.getresponse().status == 201
        connection.close()
        assert server.running.popen.wait(20) == 0


def test_ctrl_c_exits_0(tmp_path):
    with one_machine(tmp_path / "data", free_port()) as server:
        server.running.popen.send_signal(signal.SIGINT)

        assert server.running.popen.wait(20) == 0


def refused(*arguments, env=None):
    done = rmos("serve", *arguments, env=env)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_a_port_in_use_is_said_in_one_line(server, tmp_path):
    assert server.url.removeprefix("http://") in refused("--port", server.url.rsplit(":")[-1], "--data-dir", tmp_path)


def test_an_address_of_another_machine_is_said_in_one_line(tmp_path):
    assert "192.0.2.1" in refused("--host", "192.0.2.1", "--port", "0", "--data-dir", tmp_path)


def test_a_data_folder_that_cannot_be_written_is_said_in_one_line(tmp_path):
    (tmp_path / "file").touch()

    assert str(tmp_path / "file/data") in refused("--port", "0", "--data-dir", tmp_path / "file/data")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RMOS_PORT", "eighty"),
        ("RMOS_PORT", "70000"),
        ("RMOS_ALLOW_STUB_ENGINE", "perhaps"),
        ("RMOS_CORS_ORIGINS", "*"),
    ],
)
def test_a_bad_setting_is_named_in_one_line(tmp_path, name, value):
    line = refused("--data-dir", tmp_path, env={name: value})

    assert name.removeprefix("RMOS_").lower() in line.lower()


def test_no_auth_lets_everybody_on_this_machine_in(open_server):
    answer = httpx2.post(f"{open_server.url}/api/runs", json=json.loads(GREEN))

    assert answer.status_code == 201
    assert "no token is needed" in open_server.running.log_text()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]:8000", "localhost:8000", "127.1.2.3"])
def test_no_auth_answers_to_names_of_this_machine(open_server, host):
    assert httpx2.get(f"{open_server.url}/api/runs", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "rebound.example"},
        {"Host": "localhost.example"},
        {"Host": "192.0.2.1"},
        {"Host": "[::1"},
        {"Origin": "https://page.example"},
        {"Origin": "null"},
    ],
)
def test_no_auth_refuses_pages_of_elsewhere(open_server, headers):
    refused = httpx2.get(f"{open_server.url}/api/runs", headers=headers)

    assert refused.status_code == 403
    assert refused.json()["type"] == "urn:rmos:problem:host-refused"
    assert refused.headers["X-Request-Id"] == refused.json()["instance"]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "machine.example"])
def test_no_auth_is_refused_where_others_can_reach(tmp_path, host):
    assert "--no-auth" in refused("--no-auth", "--host", host, "--port", "0", "--data-dir", tmp_path / "data")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(("host", "is_here"), [("LOCALHOST", True), ("::1", True), ("127.0.0.2", True), ("", False)])
def test_loopback_names(host, is_here):
    assert is_loopback(host) is is_here
