"""template.yaml as data: the one that is written and the one that `sam build` made."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template.yaml"
BUILD = ROOT / ".aws-sam" / "build"
FUNCTION = "AWS::Serverless::Function"


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms: `!Ref X` becomes {"Ref": "X"}, `!Sub X` {"Fn::Sub": "X"}."""


def _intrinsic(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _intrinsic)


def load_template(path: Path = TEMPLATE) -> dict[str, Any]:
    """Return a template; intrinsic functions in their long form."""
    template: dict[str, Any] = yaml.load(path.read_text(), Loader=_Loader)  # a SafeLoader with tags
    return template


@dataclass(frozen=True, slots=True)
class Function:
    """What it takes to start a built function."""

    logical_id: str
    handler: str
    timeout_s: int
    memory_mb: int
    code: Path


def functions(template: dict[str, Any]) -> dict[str, Function]:
    """Return the functions of `template` by logical id, the globals merged in."""
    defaults = template["Globals"]["Function"]
    resources = template["Resources"]
    return {
        name: _function(name, {**defaults, **resource["Properties"]})
        for name, resource in resources.items()
        if resource["Type"] == FUNCTION
    }


def _function(name: str, properties: dict[str, Any]) -> Function:
    return Function(name, properties["Handler"], properties["Timeout"], properties["MemorySize"], BUILD / name)
