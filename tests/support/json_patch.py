"""JSON Patch (RFC 6902), as far as suggestions use it: add, remove and replace of members."""

import copy


def patched(document, operations):
    """Return a copy of `document` with `operations` applied; a path that is not there is an error."""
    document = copy.deepcopy(document)
    for operation in operations:
        *place, name = operation["path"].removeprefix("/").split("/")
        node = document
        for step in place:
            node = node[int(step)] if isinstance(node, list) else node[step]
        if operation["op"] != "add":
            assert name in node, f"nothing to {operation['op']} at {operation['path']}"
        if operation["op"] == "remove":
            del node[name]
        else:
            node[name] = operation["value"]
    return document
