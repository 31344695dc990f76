"""Every command and example of the README and of docs/canonical, run as written."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from string import Template

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
        pytest.param(COMMAND.findall(block), id=f"{path.name}: {block[2:60].splitlines()[0]}")
        for path in DOCUMENTS
        for block in blocks(path, "console")
    ]


def python_blocks():
    return [pytest.param(block, id=path.name) for path in DOCUMENTS for block in blocks(path, "python")]


(BUNDLE,) = [example.values[0] for example in examples() if "verify.py" in str(example.values)]


def python(*arguments, cwd=None):
    """Run Python without anything of ours, as somebody has it who was sent a bundle."""
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env={}, capture_output=True, text=True, timeout=60, check=False)


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


@pytest.fixture
def execute(server, token, run, tmp_path):
    """Run one command of a document in an empty folder and return what it prints; it has to succeed."""
    variables = {"TOKEN": token, "RUN_ID": run["run_id"]}

    def execute(command):
        words = shlex.split(command.replace("$(cat data/admin.token)", token))
        program, *arguments = [Template(word).substitute(variables) for word in words]
        if program == "curl":
            return run_curl(arguments, server.url, ROOT, tmp_path)
        run_program = {"rmos": rmos, "python3": python}[program]
        done = run_program(*arguments, cwd=tmp_path)
        assert done.returncode == 0, done
        return done.stdout

    return execute


@pytest.mark.parametrize("commands", examples())
def test_the_commands_of_an_example_answer_what_its_document_shows(execute, commands):
    for command, expected in commands:
        actual = execute(command)

        assert matches(expected, actual), actual


def test_the_bundle_of_the_example_names_a_file_with_an_altered_byte(execute, tmp_path):
    commands = [command for command, _ in BUNDLE]
    for command in commands:
        execute(command)
    (folder,) = tmp_path.glob("rmos-run_*")

    for path in sorted(each for each in folder.rglob("*") if each.is_file() and each.name != "verify.py"):
        raw = path.read_bytes()
        path.write_bytes(bytes([raw[0] ^ 1]) + raw[1:])
        done = python("-I", folder / "verify.py")
        name = path.relative_to(folder).as_posix()
        # Without its manifest there is nothing to compare with.
        assert done.returncode == (2 if name == "manifest.json" else 1), done
        assert name in done.stdout + done.stderr
        path.write_bytes(raw)
    assert python("-I", folder / "verify.py").returncode == 0


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
