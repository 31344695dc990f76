# ruff: noqa: INP001  # a script of the build, no part of the package
"""Leave out of a copy of botocore what the functions never read; a cold start reads the rest.

    trim_botocore.py FOLDER SERVICE...

The models of all other services go, and from what stays the endpoints of other services, the examples and all
documentation, which only botocore's help shows; what was packed is unpacked. That halves what the first client of a
process costs.
"""

import gzip
import json
import shutil
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any


def trim(botocore: Path, services: Collection[str]) -> None:
    """Trim the data of the botocore package in the folder `botocore` to `services`."""
    data = botocore / "data"
    for folder in [each for each in data.iterdir() if each.is_dir()]:
        if folder.name not in services:
            shutil.rmtree(folder)
    for examples in data.glob("*/*/examples-1.json"):
        examples.unlink()
    for packed in data.glob("*/*/*.json.gz"):
        _write(packed.with_suffix(""), _undocumented(json.loads(gzip.decompress(packed.read_bytes()))))
        packed.unlink()
    endpoints = json.loads((data / "endpoints.json").read_bytes())
    for partition in endpoints["partitions"]:
        partition["services"] = {name: each for name, each in partition["services"].items() if name in services}
    _write(data / "endpoints.json", endpoints)


def _undocumented(node: Any) -> Any:  # noqa: ANN401  # JSON
    """Return `node` with its documentation texts empty: botocore asks for some of them without looking first."""
    if isinstance(node, list):
        return [_undocumented(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        name: "" if name == "documentation" and isinstance(each, str) else _undocumented(each)
        for name, each in node.items()
    }


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, separators=(",", ":")))


if __name__ == "__main__":
    trim(Path(sys.argv[1]), frozenset(sys.argv[2:]))
