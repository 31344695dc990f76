"""Field types that many models share, and what they say of a value they do not take."""

import pytest
from pydantic import TypeAdapter, ValidationError
from rmos.design.own_rows import OwnId
from rmos.design.row_ids import MachineId, MaterialId, ToolId
from rmos.models import Id, Sha256
from runs.advisories.models import EngineVersion
from runs.attachments.models import AttachmentKind

WORDED = {
    "id": (Id, "letters, digits"),
    "material": (MaterialId, "/materials?q="),
    "tool": (ToolId, "/tools?q="),
    "machine": (MachineId, "/machines?q="),
    "own": (OwnId, "own:"),
    "sha256": (Sha256, "64 digits of 0-9 a-f"),
    "version": (EngineVersion, "at most 64"),
    "kind": (AttachmentKind, "at most 64"),
}


@pytest.mark.parametrize("name", WORDED)
@pytest.mark.parametrize("value", ["1/8 in \u00e9", "", "x" * 500, 7])
def test_what_a_text_may_be_is_said_in_words(name, value):
    kind, words = WORDED[name]
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind | None).validate_python(value)

    (found,) = refused.value.errors()
    assert words in found["msg"]
    assert "pattern" not in found["msg"]


@pytest.mark.parametrize("name", WORDED)
def test_the_schema_keeps_the_pattern(name):
    assert TypeAdapter(WORDED[name][0]).json_schema()["pattern"].startswith("^")


def test_an_id_is_taken_as_it_is():
    assert TypeAdapter(MaterialId | None).validate_python("own:A.b_c-1") == "own:A.b_c-1"
