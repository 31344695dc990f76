"""Starts the emulator, in its own environment, with the condition keys that it does not know and the template uses.

As AWS documents them: `dynamodb:LeadingKeys` (the partition keys of a request, of each part of a transaction on its
own), `s3:if-none-match` (the header) and `s3:ObjectCreationOperation` (true but for the parts of a multipart upload).
Without them a policy that names them would allow, or deny, everything.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ministack.app import main
from ministack.core import iam_actions, iam_evaluator

PARTITION_KEY = "pk"
_QUERY_VALUE = ":pk"
_of_dynamodb = iam_actions.dynamodb_service_context
_of_s3 = iam_actions.s3_service_context
_transaction_checks = iam_actions.dynamodb_transaction_checks
_enforce = iam_evaluator.enforce


class PartAction(str):
    """The action of one part of a transaction, with that part's own partition keys."""

    __slots__ = ("leading_keys",)
    leading_keys: list[str]


def dynamodb_service_context(body: bytes) -> dict[str, Any]:
    keys = sorted(set(_partition_keys(_json(body))))
    return _of_dynamodb(body) | ({"dynamodb:LeadingKeys": keys} if keys else {})


def dynamodb_transaction_checks(iam_action: str, body: bytes, region: str, account_id: str) -> list[tuple[str, str]]:
    checks = []
    for part in _json(body).get("TransactItems", []):
        alone = json.dumps({"TransactItems": [part]}).encode()
        for action, table_arn in _transaction_checks(iam_action, alone, region, account_id):
            part_action = PartAction(action)
            part_action.leading_keys = list(_partition_keys(part))
            checks.append((part_action, table_arn))
    return checks


def enforce(access_key_id: str, iam_action: str, *rest: Any, service_context: Any = None, **named: Any) -> Any:
    if isinstance(iam_action, PartAction):
        service_context = {**(service_context or {}), "dynamodb:LeadingKeys": iam_action.leading_keys}
    return _enforce(access_key_id, iam_action, *rest, service_context=service_context, **named)


def s3_service_context(
    iam_action: str, query_params: Mapping[str, Any] | None, path: str = "", headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    context: dict[str, Any] = _of_s3(iam_action, query_params, path, headers)
    if iam_action != "s3:PutObject":
        return context
    query = query_params or {}
    is_part = "uploads" in query or "partNumber" in query
    if_none_match = (headers or {}).get("if-none-match")
    context["s3:ObjectCreationOperation"] = "false" if is_part else "true"
    return context | ({"s3:if-none-match": if_none_match} if if_none_match else {})


def _json(body: bytes) -> dict[str, Any]:
    document = json.loads(body or b"{}")
    return document if isinstance(document, dict) else {}


def _partition_keys(node: Any) -> Iterator[str]:
    """Yield the partition keys that a request, or a part of one, names: of its keys and items, or of its query."""
    if isinstance(node, list):
        for each in node:
            yield from _partition_keys(each)
    if not isinstance(node, dict):
        return
    named = node.get(PARTITION_KEY, node.get(_QUERY_VALUE))
    if isinstance(named, dict) and isinstance(named.get("S"), str):
        yield named["S"]
        return
    for each in node.values():
        yield from _partition_keys(each)


if __name__ == "__main__":
    iam_actions.dynamodb_service_context = dynamodb_service_context
    iam_actions.dynamodb_transaction_checks = dynamodb_transaction_checks
    iam_actions.s3_service_context = s3_service_context
    iam_evaluator.enforce = enforce
    main()
