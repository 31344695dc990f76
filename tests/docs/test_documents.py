"""Every command and example of the README and of docs/canonical, run as written."""

import re
import shlex
from pathlib import Path

import httpx2
import pytest

from tests.support.commands import rmos
from tests.support.curl import run_curl
from tests.support.one_machine import one_machine
from tests.support.procs import free_port

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs/canonical").glob("*.md"))]
COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


def blocks(path, language):
    return re.findall(rf"^```{language}\n(.*?)^```", path.read_text(), re.MULTILINE | re.DOTALL)


def examples():
    return [
        pytest.param(command, expected, id=f"{path.name}: {command[:60]}")
        for path in DOCUMENTS
        for block in blocks(path, "console")
        for command, expected in COMMAND.findall(block)
    ]


def python_blocks():
    return [pytest.param(block, id=path.name) for path in DOCUMENTS for block in blocks(path, "python")]


def matches(expected, actual):
    """Tell whether `actual` is `expected`, where … stands for anything."""
    pattern = ".*".join(re.escape(part) for part in expected.strip().split("…"))
    return re.fullmatch(pattern, actual.strip(), re.DOTALL)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with one_machine(tmp_path_factory.mktemp("documents") / "data", free_port()) as server:
        yield server


@pytest.fixture(scope="module")
def token(server):
    return server.admin["Authorization"].removeprefix("Bearer ")


@pytest.fixture(scope="module")
def run(server):
    body = (ROOT / "docs/examples/classical-green.json").read_bytes()
    headers = server.admin | {"Content-Type": "application/json"}
    created = httpx2.post(f"{server.url}/api/runs", content=body, headers=headers)
    return httpx2.get(f"{server.url}{created.headers['Location']}", headers=server.admin).json()


@pytest.mark.parametrize(("command", "expected"), examples())
def test_a_command_answers_what_its_document_shows(server, token, run, command, expected):
    if command.startswith("rmos "):
        actual = rmos(*shlex.split(command)[1:]).stdout
    else:
        variables = {"TOKEN": token, "RUN_ID": run["run_id"]}
        command = command.replace("$(cat data/admin.token)", token)
        actual = run_curl(command, server.url, variables, ROOT)

    assert matches(expected, actual), actual


@pytest.mark.parametrize("block", python_blocks())
def test_a_python_example_holds(run, block):
    exec(compile(block, "example", "exec"), {"run": run})


def test_every_link_between_documents_leads_somewhere():
    documents = [ROOT / "CONTRIBUTING.md", *DOCUMENTS, *sorted((ROOT / "docs/decisions").glob("*.md"))]
    links = [
        (path.relative_to(ROOT), target)
        for path in documents
        for target in re.findall(r"\]\(([^)#]+)\)", path.read_text())
        if not target.startswith("https://")
    ]

    assert [link for link in links if not (ROOT / link[0].parent / link[1]).exists()] == []


def test_the_documents_hold_examples():
    assert len(examples()) >= 6
    assert len(python_blocks()) >= 1
