"""Check a bundle of a run, offline, with nothing but Python's standard library (3.9 or later).

    python verify.py [FOLDER_OR_ZIP] [--expect SHA256]

Without a path the folder of this file is checked. Every file is hashed and compared with the manifest, and every hash
inside the run is computed anew over RFC 8785 canonical JSON. `--expect` compares with a digest that you have from
elsewhere, the run's `artifact_sha256` or the manifest's: without one a bundle that was rewritten as a whole, this
program included, cannot be told from a true one. Ends with 0 when all holds, with 1 when anything differs, with 2 when
there is no bundle.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

MANIFEST = "manifest.json"
ARTIFACT = "artifact.json"
OUTPUTS = {"toolpaths_sha256": "toolpaths_json", "gcode_sha256": "gcode_text", "opplan_sha256": "opplan_json"}

_CHUNK_BYTES = 1 << 20
_ENCRYPTED = 0x1
_UNREADABLE = (OSError, EOFError, ValueError, KeyError, RuntimeError, zipfile.BadZipFile)
_MOST_INTEGER_DIGITS = 21
_MOST_LEADING_ZEROS = 6
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_OUTSIDE_RESULT = ("result_sha256", "request_id", "compute_ms")


class NoBundle(Exception):
    """There is nothing here that could be checked."""


class Folder:
    """A bundle that was unpacked."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def names(self) -> list[str]:
        return [path.relative_to(self.root).as_posix() for path in self.root.rglob("*") if not path.is_dir()]

    def open(self, name: str) -> IO[bytes]:
        return (self.root / name).open("rb")


class Archive:
    """A bundle as it was downloaded; all names in it begin with one folder."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        if any(info.compress_type != zipfile.ZIP_STORED or info.flag_bits & _ENCRYPTED for info in archive.infolist()):
            raise NoBundle("something in it is compressed or encrypted, which no bundle is")
        self.archive = archive
        self.prefix = archive.namelist()[0].partition("/")[0] + "/" if archive.namelist() else ""

    def names(self) -> list[str]:
        return [name.removeprefix(self.prefix) for name in self.archive.namelist()]

    def open(self, name: str) -> IO[bytes]:
        return self.archive.open(self.prefix + name)


def main(arguments: list[str]) -> int:
    """Check the bundle that the command line names and print what was found."""
    parser = argparse.ArgumentParser(description="Check a bundle of an RMOS run, offline.")
    parser.add_argument("path", nargs="?", default=str(Path(__file__).resolve().parent), help="folder or zip")
    parser.add_argument("--expect", metavar="SHA256", help="the run's artifact_sha256, or the manifest's digest")
    given = parser.parse_args(arguments)
    try:
        return _report(Path(given.path), given.expect)
    except NoBundle as error:
        sys.stderr.write(f"no bundle: {error}\n")
        return 2


def canonical(value: Any) -> str:  # noqa: ANN401  # any JSON
    """Return `value` as RFC 8785 canonical JSON."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return (
            "{" + ",".join(f"{json.dumps(name, ensure_ascii=False)}:{canonical(value[name])}" for name in names) + "}"
        )
    if isinstance(value, list):
        return "[" + ",".join(canonical(each) for each in value) + "]"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _number(float(value))
    return json.dumps(value, ensure_ascii=False)


def sha256_of(value: Any) -> str:  # noqa: ANN401  # any JSON
    """Return the digest of a text over its UTF-8, of anything else over its canonical JSON."""
    text = value if isinstance(value, str) else canonical(value)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _number(value: float) -> str:
    """Return a number as ECMAScript writes it (ECMA-262, Number::toString)."""
    if value == 0:
        return "0"
    shortest = Decimal(repr(abs(value))).normalize().as_tuple()
    digits = "".join(map(str, shortest.digits))
    point = len(digits) + int(shortest.exponent)
    if len(digits) <= point <= _MOST_INTEGER_DIGITS:
        text = digits + "0" * (point - len(digits))
    elif 0 < point <= _MOST_INTEGER_DIGITS:
        text = f"{digits[:point]}.{digits[point:]}"
    elif -_MOST_LEADING_ZEROS < point <= 0:
        text = f"0.{'0' * -point}{digits}"
    else:
        mantissa = digits if len(digits) == 1 else f"{digits[0]}.{digits[1:]}"
        text = f"{mantissa}e{point - 1:+d}"
    return f"-{text}" if value < 0 else text


def _report(path: Path, expected: str | None) -> int:
    if path.is_dir():
        return _print(_checks(Folder(path), expected))
    try:
        with zipfile.ZipFile(path) as archive:
            return _print(_checks(Archive(archive), expected))
    except _UNREADABLE as error:
        raise NoBundle(f"{path}: {error}") from error


def _print(checks: Iterator[tuple[str, object, object]]) -> int:
    wrong = total = 0
    for name, recorded, found in checks:
        total += 1
        if recorded != found:
            wrong += 1
            sys.stdout.write(f"WRONG  {name}: recorded {recorded}, found {found}\n")
    sys.stdout.write(f"{total} checks, {wrong} wrong\n" if wrong else f"{total} checks, all as recorded\n")
    return 1 if wrong else 0


def _checks(bundle: Folder | Archive, expected: str | None) -> Iterator[tuple[str, object, object]]:
    """Yield what is compared: its name, what was recorded, and what is found."""
    manifest_text = _read(bundle, MANIFEST)
    manifest, listed = _manifest(manifest_text)
    names = [name for name in bundle.names() if name != MANIFEST and "__pycache__" not in name]
    yield "the files that there are", sorted(listed), sorted(names)
    for name in sorted(set(names) & set(listed)):
        yield name, listed[name], _digest(bundle, name)
    for name in names:
        if name.startswith("attachments/"):
            yield f"the name of {name}", name.partition("/")[2], listed.get(name, {}).get("sha256")
    try:
        artifact = json.loads(_read(bundle, ARTIFACT))
        found = list(_artifact_checks(artifact, names))
    except (NoBundle, ValueError, AttributeError, TypeError) as error:
        yield ARTIFACT, "a run", f"unreadable ({error})"
        return
    yield from found
    for name in ("run_id", "artifact_sha256"):
        yield f"manifest: {name}", manifest.get(name), artifact.get(name)
    if expected is not None:
        known = [artifact.get("artifact_sha256"), hashlib.sha256(manifest_text).hexdigest()]
        yield "--expect", expected, expected if expected in known else " or ".join(map(str, known))


def _manifest(text: bytes) -> tuple[dict[str, Any], dict[str, dict[str, object]]]:
    try:
        manifest = json.loads(text)
        listed = {
            str(file["path"]): {"sha256": file["sha256"], "size_bytes": file["size_bytes"]}
            for file in manifest["files"]
        }
    except (ValueError, KeyError, TypeError) as error:
        raise NoBundle(f"{MANIFEST} cannot be read: {error}") from error
    strange = [path for path in listed if _PLAIN_PATH.fullmatch(path) is None]
    if strange:
        raise NoBundle(f"{MANIFEST} names a file outside the bundle: {strange[0]!r}")
    return manifest, listed


def _artifact_checks(artifact: dict[str, Any], names: list[str]) -> Iterator[tuple[str, object, object]]:
    others = {name: value for name, value in artifact.items() if name != "artifact_sha256"}
    yield "artifact_sha256", artifact.get("artifact_sha256"), sha256_of(others)
    feasibility, hashes = artifact.get("feasibility") or {}, artifact.get("hashes") or {}
    yield "feasibility_sha256", hashes.get("feasibility_sha256"), sha256_of(feasibility)
    if "input_sha256" in feasibility:
        judged = {"design": artifact.get("design"), "context": artifact.get("context")}
        yield "input_sha256", feasibility["input_sha256"], sha256_of(judged)
    if "result_sha256" in feasibility:
        found = {name: value for name, value in feasibility.items() if name not in _OUTSIDE_RESULT}
        yield "result_sha256", feasibility["result_sha256"], sha256_of(found)
    outputs = artifact.get("outputs") or {}
    for name, output in OUTPUTS.items():
        content, recorded = outputs.get(output), hashes.get(name)
        if content is not None:
            yield name, recorded, sha256_of(content)
        elif recorded is not None:
            # A long one is an attachment, whose bytes are checked as such.
            yield name, recorded, recorded if f"attachments/{recorded}" in names else "absent"
    for each in artifact.get("attachments") or []:
        path = f"attachments/{each.get('sha256')}"
        yield f"{path} is here", True, path in names


def _digest(bundle: Folder | Archive, name: str) -> dict[str, object]:
    digest, size = hashlib.sha256(), 0
    try:
        with bundle.open(name) as stream:
            for chunk in iter(lambda: stream.read(_CHUNK_BYTES), b""):
                digest.update(chunk)
                size += len(chunk)
    except _UNREADABLE as error:
        return {"sha256": f"unreadable ({error})", "size_bytes": size}
    return {"sha256": digest.hexdigest(), "size_bytes": size}


def _read(bundle: Folder | Archive, name: str) -> bytes:
    try:
        with bundle.open(name) as stream:
            return stream.read()
    except _UNREADABLE as error:
        raise NoBundle(f"{name} cannot be read: {error}") from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
