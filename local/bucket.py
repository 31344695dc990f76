"""`rmos configure-bucket`: gives a bucket that a stack was handed what CloudFormation gives to one that it makes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.place import CannotStart
from local.stack import Stack, reaching, stack_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_MADE_BY_STACKS = "BlobBucket"
"""The bucket of template.yaml: what is deployed says itself what a bucket of its version needs."""

Rule = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Configured:
    """A bucket, and the ids of the rules it was given."""

    bucket_name: str
    lifecycle_ids: tuple[str, ...]
    origins: tuple[str, ...]


def configure_bucket(stack_name: str) -> Configured:
    """Give the bucket of a stack its versions, its privacy, and its lifecycle and CORS rules; safe to repeat.

    Rules of other names stay as they are.

    Raises:
        CannotStart: the stack is not one of RMOS.
        OutOfReach: AWS does not answer, or refuses.
    """
    from rmos.storage.aws import client  # noqa: PLC0415  # botocore costs 0.3 s that only --stack should cost

    stack = stack_of(stack_name)
    with reaching():
        template = client("cloudformation").get_template(StackName=stack_name, TemplateStage="Processed")
        try:
            wanted = template["TemplateBody"]["Resources"][_MADE_BY_STACKS]["Properties"]
            bucket_name = stack.outputs["BucketName"]
        except KeyError as error:
            raise CannotStart(f"the stack {stack_name!r} has no {error}; is it one of RMOS?") from error
        return _configured(client("s3"), bucket_name, wanted, _origins_of(stack))


def told(configured: Configured) -> str:
    """Return what a person is told of it, in one line for each kind of rule."""
    origins = ", ".join(configured.origins) or "no web page (CorsOrigins is empty)"
    return (
        f"{configured.bucket_name} keeps every version and is open to nobody outside the account\n"
        f"lifecycle: {', '.join(configured.lifecycle_ids)}\n"
        f"called from: {origins}"
    )


def _configured(s3: "S3Client", bucket_name: str, wanted: Mapping[str, Any], origins: tuple[str, ...]) -> Configured:
    s3.put_bucket_ownership_controls(Bucket=bucket_name, OwnershipControls=wanted["OwnershipControls"])
    s3.put_public_access_block(
        Bucket=bucket_name, PublicAccessBlockConfiguration=wanted["PublicAccessBlockConfiguration"]
    )
    s3.put_bucket_versioning(Bucket=bucket_name, VersioningConfiguration=wanted["VersioningConfiguration"])
    lifecycle = [_lifecycle_rule(rule) for rule in wanted["LifecycleConfiguration"]["Rules"]]
    _put_lifecycle(s3, bucket_name, lifecycle)
    _, with_origins, _ = wanted["CorsConfiguration"]["Fn::If"]
    _put_cors(s3, bucket_name, [_cors_rule(rule, origins) for rule in with_origins["CorsRules"]], origins)
    return Configured(bucket_name, tuple(rule["ID"] for rule in lifecycle), origins)


def _put_lifecycle(s3: "S3Client", bucket_name: str, rules: list[Any]) -> None:
    kept = _kept(s3, lambda: s3.get_bucket_lifecycle_configuration(Bucket=bucket_name)["Rules"], rules)
    s3.put_bucket_lifecycle_configuration(Bucket=bucket_name, LifecycleConfiguration={"Rules": [*kept, *rules]})


def _put_cors(s3: "S3Client", bucket_name: str, rules: list[Any], origins: tuple[str, ...]) -> None:
    kept = _kept(s3, lambda: s3.get_bucket_cors(Bucket=bucket_name)["CORSRules"], rules)
    if left := [*kept, *(rules if origins else ())]:
        s3.put_bucket_cors(Bucket=bucket_name, CORSConfiguration={"CORSRules": left})
    else:
        s3.delete_bucket_cors(Bucket=bucket_name)


def _kept(s3: "S3Client", stored: Callable[[], list[Any]], replaced: list[Any]) -> list[Any]:
    """Return the `stored` rules whose ids are not among `replaced`; none where the bucket has no such configuration."""
    try:
        rules = stored()
    except s3.exceptions.ClientError as error:
        if error.response["Error"]["Code"] not in {"NoSuchLifecycleConfiguration", "NoSuchCORSConfiguration"}:
            raise
        return []
    ids = {rule["ID"] for rule in replaced}
    return [rule for rule in rules if rule.get("ID") not in ids]


def _lifecycle_rule(rule: Rule) -> dict[str, Any]:
    """Return a lifecycle rule of CloudFormation in the words of S3."""
    expiration = _renamed(rule, _EXPIRATION)
    words = {**_renamed(rule, _LIFECYCLE), "Filter": {"Prefix": rule.get("Prefix", "")}}
    _require_known(rule, {*_LIFECYCLE, *_EXPIRATION, "Prefix"})
    return {**words, "Expiration": expiration} if expiration else words


def _cors_rule(rule: Rule, origins: tuple[str, ...]) -> dict[str, Any]:
    """Return a CORS rule of CloudFormation in the words of S3, for `origins`."""
    _require_known(rule, {*_CORS, "AllowedOrigins"})
    return {**_renamed(rule, _CORS), "AllowedOrigins": list(origins)}


_EXPIRATION = {"ExpirationInDays": "Days", "ExpiredObjectDeleteMarker": "ExpiredObjectDeleteMarker"}
_LIFECYCLE = {
    "Id": "ID",
    "Status": "Status",
    "NoncurrentVersionExpiration": "NoncurrentVersionExpiration",
    "AbortIncompleteMultipartUpload": "AbortIncompleteMultipartUpload",
}
_CORS = {
    "Id": "ID",
    "AllowedMethods": "AllowedMethods",
    "AllowedHeaders": "AllowedHeaders",
    "ExposedHeaders": "ExposeHeaders",
    "MaxAge": "MaxAgeSeconds",
}


def _renamed(rule: Rule, names: Mapping[str, str]) -> dict[str, Any]:
    return {s3_name: rule[name] for name, s3_name in names.items() if name in rule}


def _require_known(rule: Rule, names: set[str]) -> None:
    if unknown := rule.keys() - names:
        raise CannotStart(f"the stack is of a newer RMOS: its bucket has {', '.join(sorted(unknown))}; update this one")


def _origins_of(stack: Stack) -> tuple[str, ...]:
    return tuple(origin for origin in stack.parameters.get("CorsOrigins", "").split(",") if origin)
