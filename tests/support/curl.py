"""The few options of curl that our documents use, so that their commands run where curl is not installed."""

import argparse
import shlex
from pathlib import Path
from string import Template

import httpx2


def run_curl(command: str, url: str, variables: dict[str, str], root: Path) -> str:
    """Run a documented `curl …` against the server at `url` and return what curl would print.

    `$NAME` stands for one of `variables`, `$(cat FILE)` for the text of a file. Files are found under `root`.
    """
    options = _parser().parse_args(_arguments(command, variables))
    body = options.data
    if body is not None and body.startswith("@"):
        body = (root / body[1:]).read_text()
    headers = dict(header.split(": ", 1) for header in options.header)
    method = options.request or ("GET" if body is None else "POST")
    target = options.url.replace("http://127.0.0.1:8000", url)
    answer = httpx2.request(method, target, headers=headers, content=body, timeout=30)
    return (_head(answer) if options.include else "") + answer.text


def _arguments(command: str, variables: dict[str, str]) -> list[str]:
    program, *arguments = shlex.split(command)
    assert program == "curl"
    return [Template(argument).substitute(variables) for argument in arguments]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(exit_on_error=True)
    parser.add_argument("url")
    parser.add_argument("-s", "--silent", action="store_true")
    parser.add_argument("-i", "--include", action="store_true")
    parser.add_argument("-X", "--request")
    parser.add_argument("-H", "--header", action="append", default=[])
    parser.add_argument("-d", "--data")
    return parser


def _head(answer: httpx2.Response) -> str:
    lines = [f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    return "\n".join([*lines, "", ""])
