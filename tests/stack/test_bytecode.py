"""Bytecode that Lambda's Python takes as it is: of its own version, and never compared with a source's date."""

import struct

_CHECKED_BY_NOBODY = 0b01
"""PEP 552: hash-based, and the source is not looked at."""


def test_every_built_module_has_bytecode_of_the_runtime_that_is_never_stale(built):
    sources = [
        path
        for part in (
            "CoreLayer",
            "ImagingLayer",
            "RunsFunction",
            "FeasibilityFunction",
            "FrontFunction",
            "RelayFunction",
        )
        for path in (built / part).rglob("*.py")
    ]
    assert sources
    for source in sources:
        compiled = source.parent / "__pycache__" / f"{source.stem}.cpython-313.pyc"
        (flags,) = struct.unpack("<I", compiled.read_bytes()[4:8])
        assert flags == _CHECKED_BY_NOBODY, source


def test_no_bytecode_of_another_version_is_shipped(built):
    assert [path for path in built.rglob("*.pyc") if ".cpython-313." not in path.name] == []
