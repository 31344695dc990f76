"""A deployed stack, as CloudFormation tells of it: its resources, outputs and the functions as they were configured."""

import json
from dataclasses import dataclass
from typing import Any

from tests.support.account import Account
from tests.support.template import Function

LAMBDA = "AWS::Lambda::Function"


@dataclass(frozen=True, slots=True)
class Deployed:
    """A stack in an account."""

    name: str
    account: Account
    template: dict[str, Any]
    physical_ids: dict[str, str]
    outputs: dict[str, str]

    def function_names(self) -> dict[str, str]:
        """Return the physical names of all functions by logical id."""
        return {
            logical_id: self.physical_ids[logical_id]
            for logical_id, resource in self.template["Resources"].items()
            if resource["Type"] == LAMBDA
        }

    def configuration(self, logical_id: str) -> "Configuration":
        """Return a function as it was deployed."""
        name = self.physical_ids[logical_id]
        found = self.account.client("lambda").get_function_configuration(FunctionName=name)
        function = Function(logical_id, found["Handler"], found["Timeout"], found["MemorySize"])
        return Configuration(function, found["Role"], found.get("Environment", {}).get("Variables", {}))


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the stack made of a function."""

    function: Function
    role_arn: str
    variables: dict[str, str]


def deployed(account: Account, name: str) -> Deployed:
    """Return the stack `name` as it stands."""
    cloudformation = account.client("cloudformation")
    body = cloudformation.get_template(StackName=name, TemplateStage="Processed")["TemplateBody"]
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    resources = [resource for page in pages for resource in page["StackResourceSummaries"]]
    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    return Deployed(
        name,
        account,
        json.loads(body) if isinstance(body, str) else body,
        {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources},
        {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]},
    )
