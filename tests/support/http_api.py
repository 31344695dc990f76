"""The routes of an HTTP API, made in the emulator.

SAM writes them into the API's OpenAPI body, which the emulator leaves aside; here the same routes are made by the
API's own calls. Only what this template uses is known: Lambda integrations without authorizers.
"""

import re
from typing import Any

from tests.support.deployed import Deployed

API = "AWS::ApiGatewayV2::Api"
_ANY = "x-amazon-apigateway-any-method"
_INTEGRATION = "x-amazon-apigateway-integration"
_FUNCTION = re.compile(r"\$\{(\w+)\.Arn\}/invocations")


def import_routes(stack: Deployed) -> str:
    """Make the routes of the one HTTP API of `stack` and return the API's id."""
    ((logical_id, resource),) = [
        (name, resource) for name, resource in stack.template["Resources"].items() if resource["Type"] == API
    ]
    api_id = stack.physical_ids[logical_id]
    gateway = stack.account.client("apigatewayv2")
    for path, methods in resource["Properties"]["Body"]["paths"].items():
        for method, operation in methods.items():
            _refuse_unknown(operation)
            target = _integrate(gateway, api_id, stack, operation[_INTEGRATION])
            gateway.create_route(ApiId=api_id, RouteKey=_route_key(method, path), Target=f"integrations/{target}")
    return api_id


def _integrate(gateway: Any, api_id: str, stack: Deployed, integration: dict[str, Any]) -> str:
    made = gateway.create_integration(
        ApiId=api_id,
        IntegrationType="AWS_PROXY",
        IntegrationUri=stack.physical_ids[_function_of(integration["uri"])],
        PayloadFormatVersion=integration["payloadFormatVersion"],
        IntegrationMethod="POST",
    )
    integration_id: str = made["IntegrationId"]
    return integration_id


def _function_of(uri: dict[str, str]) -> str:
    found = _FUNCTION.search(uri["Fn::Sub"])
    if found is None:
        raise ValueError(f"no function in {uri}")
    return found[1]


def _route_key(method: str, path: str) -> str:
    if path in {"$default", "/$default"}:
        return "$default"
    return f"{'ANY' if method == _ANY else method.upper()} {path}"


def _refuse_unknown(operation: dict[str, Any]) -> None:
    if "security" in operation:
        raise ValueError("an authorizer: the functions themselves check who calls")
