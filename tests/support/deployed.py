"""A deployed stack, as CloudFormation tells of it: its resources, outputs and the functions as they were configured."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.account import ROOT_USER, Account
from tests.support.template import BUILD, ROOT, Function

LAMBDA = "AWS::Lambda::Function"
SAM = ROOT / ".venv-sam" / "bin" / "sam"


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
        function = Function(logical_id, found["Handler"], found["Timeout"], found["MemorySize"], BUILD / logical_id)
        variables = found.get("Environment", {}).get("Variables", {})
        # arn:aws:lambda:<region>:<account>:layer:<name>:<version>; SAM names a layer as the template does.
        layers = tuple(BUILD / layer["Arn"].split(":")[6] / "python" for layer in found.get("Layers", []))
        return Configuration(function, found["Role"], variables, layers)


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the stack made of a function."""

    function: Function
    role_arn: str
    variables: dict[str, str]
    layers: tuple[Path, ...]
    """The folders of its layers' packages."""


class DeploymentFailed(Exception):
    """CloudFormation refused the stack; the message is what the SAM command line said."""


def deploy(account: Account, name: str, parameters: Mapping[str, str], home: Path) -> Deployed:
    """Send what `sam build` made to `account` as the stack `name`, as a person would.

    Raises:
        DeploymentFailed: it did not come to stand.
    """
    overrides = [f"{key}={value}" for key, value in parameters.items()]
    command = [SAM, "deploy", "--stack-name", name, "--no-confirm-changeset", "--no-progressbar"]
    ran = subprocess.run(
        [*command, *(["--parameter-overrides", *overrides] if overrides else [])],
        cwd=ROOT,
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(home),
            "SAM_CLI_TELEMETRY": "0",
            "SAM_CLI_POLL_DELAY": "0.2",
            **account.variables(),
            **ROOT_USER.variables(),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode != 0:
        raise DeploymentFailed(ran.stdout[-4000:] + ran.stderr[-2000:])
    return deployed(account, name)


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
