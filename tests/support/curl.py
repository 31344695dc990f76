"""The few options of curl that our documents use, so that their commands run where curl is not installed."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import httpx2


def run_curl(arguments: Sequence[str], url: str, root: Path, folder: Path) -> str:
    """Run a documented `curl …` against the server at `url` and return what curl would print.

    Files to send are found under `root`; what `-o` names is written into `folder`.
    """
    options = _parser().parse_args(arguments)
    body = options.data
    if body is not None and body.startswith("@"):
        body = (root / body[1:]).read_text()
    headers = dict(header.split(": ", 1) for header in options.header)
    method = options.request or ("GET" if body is None else "POST")
    target = options.url.replace("http://127.0.0.1:8000", url)
    answer = httpx2.request(method, target, headers=headers, content=body, timeout=30)
    if options.output is not None:
        (folder / options.output).write_bytes(answer.content)
        return ""
    return (_head(answer) if options.include else "") + answer.text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(exit_on_error=True)
    parser.add_argument("url")
    parser.add_argument("-s", "--silent", action="store_true")
    parser.add_argument("-i", "--include", action="store_true")
    parser.add_argument("-o", "--output")
    parser.add_argument("-X", "--request")
    parser.add_argument("-H", "--header", action="append", default=[])
    parser.add_argument("-d", "--data")
    return parser


def _head(answer: httpx2.Response) -> str:
    lines = [f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    return "\n".join([*lines, "", ""])
