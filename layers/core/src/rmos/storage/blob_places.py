"""Where a blob stands among the blobs, in a folder as in a bucket: `ab/cd/<sha256>`."""

import re

from rmos.canonical import SHA256_FORM, SHA256_IN_WORDS
from rmos.errors import Invalid

_SHA256 = re.compile(SHA256_FORM)


def is_sha256(text: str) -> bool:
    """Tell whether `text` is 64 lowercase hex digits, and so may be part of a path."""
    return _SHA256.fullmatch(text) is not None


def place_of(sha256: str) -> str:
    """Return the place of the blob `sha256`; nothing but a digest ever becomes part of one.

    Raises:
        Invalid: not 64 lowercase hex digits.
    """
    if not is_sha256(sha256):
        raise Invalid(SHA256_IN_WORDS)
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"
