"""A deployed stack as its operator reaches it, and what to do where AWS does not let them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from rmos.errors import Busy, RmosError

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError

_UNKNOWN_CALLER = {
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_NO_RIGHT = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
_NO_SUCH_STACK = "ValidationError"
_SIGN_IN = "sign in (`aws sso login`, `aws configure`), or choose a profile with AWS_PROFILE"


class OutOfReach(RmosError):
    """AWS does not answer, does not know the caller, or refuses; its detail says what to do, its exit code is 4."""

    slug = "out-of-reach"
    title = "AWS is out of reach"


@contextmanager
def reaching() -> Iterator[None]:
    """Run calls to AWS.

    Raises:
        OutOfReach: instead of what botocore raises, and of what a store says after an outage or when it is throttled.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # 0.3 s that only --stack should cost

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise OutOfReach(_what_to_do(error)) from error
    except Busy as error:
        if isinstance(error.__cause__, BotoCoreError | ClientError):
            raise OutOfReach(_what_to_do(error.__cause__)) from error
        raise OutOfReach(error.detail) from error


@dataclass(frozen=True, slots=True)
class Stack:
    """What a deployed stack was given, and what it tells."""

    parameters: Mapping[str, str]
    outputs: Mapping[str, str]


def stack_of(name: str) -> Stack:
    """Return the stack `name`.

    Raises:
        OutOfReach: there is none, or AWS lets nobody ask.
    """
    from botocore.exceptions import ClientError  # noqa: PLC0415
    from rmos.storage.aws import client  # noqa: PLC0415

    with reaching():
        try:
            cloudformation = client("cloudformation")
        except ValueError as error:  # botocore's word for a URL that is none
            raise OutOfReach(f"{error}; look at AWS_ENDPOINT_URL") from error
        try:
            (found,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            if error.response["Error"]["Code"] != _NO_SUCH_STACK:
                raise
            region = cloudformation.meta.region_name
            raise OutOfReach(
                f"there is no stack {name!r} in {region}; AWS_DEFAULT_REGION and AWS_PROFILE say where to look"
            ) from error
    return Stack(
        {each["ParameterKey"]: each["ParameterValue"] for each in found.get("Parameters", ())},
        {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", ())},
    )


def _what_to_do(error: "BotoCoreError | ClientError") -> str:
    """Return in one line what is wrong and the way out."""
    from botocore import exceptions  # noqa: PLC0415

    said = " ".join(str(error).split()).rstrip(".")
    if isinstance(error, exceptions.ClientError):
        return f"{said}; {_way_out(error)}"
    if isinstance(error, exceptions.NoRegionError):
        return "no AWS region is named; set AWS_DEFAULT_REGION, or a region in your profile (`aws configure`)"
    if isinstance(error, exceptions.ProfileNotFound):
        return f"{said}; `aws configure list-profiles` names those there are"
    if isinstance(error, exceptions.ConnectionError | exceptions.HTTPClientError):
        return f"AWS does not answer: {said}; look at the network, the region and AWS_ENDPOINT_URL, then repeat"
    return f"AWS cannot be asked: {said}; {_SIGN_IN}"


def _way_out(error: "ClientError") -> str:
    code = error.response["Error"]["Code"]
    if code in _UNKNOWN_CALLER:
        return _SIGN_IN
    if code in _NO_RIGHT:
        return "docs/OPERATING.md names the rights that each command takes"
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or "Throttl" in code:
        return "repeat it later"
    return "is the stack whole, and are table and bucket those of its outputs?"
