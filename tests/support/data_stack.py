"""A deployed stack of which only the data is there: what the commands with `--stack` work on."""

import json
import uuid
from collections.abc import Mapping
from typing import Any, Protocol

from tests.support.template import load_template


class Clients(Protocol):
    """An emulated account."""

    def client(self, service: str) -> Any: ...


def made_stack(aws: Clients, **parameters: str) -> tuple[str, Mapping[str, str]]:
    """Make a stack of the table and the bucket of template.yaml, and nothing else; return its name and its outputs."""
    name = f"data-{uuid.uuid4().hex}"
    template = load_template()
    body = {kind: template[kind] for kind in ("Parameters", "Conditions")}
    body["Resources"] = {each: template["Resources"][each] for each in ("Table", "BlobBucket")}
    body["Outputs"] = {each: template["Outputs"][each] for each in ("TableName", "BucketName")}
    given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(body), Parameters=given)
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    (made,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    return name, {output["OutputKey"]: output["OutputValue"] for output in made["Outputs"]}
