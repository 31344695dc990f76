"""Raw bodies: what was sent is what was meant, by the digest that came with it (RFC 9530)."""

import base64
import hashlib
import hmac
import re
from typing import Final

from rmos.errors import Malformed

_MEMBER: Final = re.compile(r"\s*([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]*={0,2}):\s*", re.ASCII)
_ALGORITHMS: Final = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}


class WrongDigest(Malformed):
    slug = "wrong-digest"
    title = "The body is not what its digest says"


def require_content_digest(header: str | None, body: bytes) -> None:
    """Check `body` against every digest of a Content-Digest header; without one everything passes.

    Raises:
        WrongDigest: a digest differs, the header cannot be read, or it has neither sha-256 nor sha-512.
    """
    if header is None:
        return
    digests = _digests(header)
    known = [name for name in digests if name in _ALGORITHMS]
    if not known:
        raise WrongDigest("send the body's digest as `Content-Digest: sha-256=:<base64>:` (RFC 9530)")
    for name in known:
        found = base64.b64encode(_ALGORITHMS[name](body).digest()).decode()
        if not hmac.compare_digest(found, digests[name]):
            raise WrongDigest(
                f"the body that arrived has {name}=:{found}:, not what Content-Digest says; send it again"
            )


def _digests(header: str) -> dict[str, str]:
    members = [_MEMBER.fullmatch(member) for member in header.split(",")]
    return {match[1]: match[2] for match in members if match is not None} if all(members) else {}
