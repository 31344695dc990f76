"""A workshop's own rows in the store, and the library that finds them."""

from datetime import UTC, datetime, timedelta

import pytest
from rmos.design.cutting import Context, ToolType
from rmos.design.library import MachineRow, MaterialRow, RowKind, ToolRow
from rmos.design.own_rows import (
    MACHINES,
    MATERIALS,
    TOOLS,
    MachineEntry,
    MaterialEntry,
    RowOrigin,
    ToolEntry,
    entries_of,
    get_row,
    key_of,
    list_rows,
    put_row,
)
from rmos.design.rosette import Design
from rmos.design.stored_library import library_for
from rmos.errors import Conflict
from rmos.storage.backend import open_local
from rmos.storage.ports import Entry, Put, Record

from tests.support.rosettes import body_of

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


class CountingStore:
    """A store that counts how often it is read."""

    def __init__(self, records):
        self._records, self.gets, self.queries = records, [], 0

    def get(self, keys):
        self.gets.append(list(keys))
        return self._records.get(keys)

    def query(self, *args):
        self.queries += 1
        return self._records.query(*args)


@pytest.fixture
def records(tmp_path):
    stores = open_local(tmp_path)
    yield stores.records
    stores.close()


def provenance(minutes=0):
    return {
        "origin": RowOrigin.OWN,
        "version": 1,
        "created_at": NOON + timedelta(minutes=minutes),
        "created_by": "bench",
        "updated_at": NOON + timedelta(minutes=minutes),
        "updated_by": "bench",
        "request_id": "req_1",
    }


def maple(row_id="own:maple", minutes=0, **changes):
    fields = {
        "id": row_id,
        "label": "Bearclaw maple",
        "aliases": ("shed pile", "tiger"),
        "values": {"class": "WOOD", "density_kg_per_m3": 690},
        "source": "weighed",
        "confidence": 0.8,
    }
    return MaterialEntry.model_validate(fields | provenance(minutes) | changes)


def bit(row_id="own:bit", **values):
    values = {"type": "FLAT", "diameter_mm": 3.0, "flutes": 2} | values
    fields = {"id": row_id, "label": "Bit", "values": values, "source": "workshop", "confidence": 0.9}
    return ToolEntry.model_validate(fields | provenance())


def mill(row_id="own:mill"):
    fields = {"id": row_id, "label": "Mill", "values": {"max_rpm": 24000}, "source": "workshop", "confidence": 0.9}
    return MachineEntry.model_validate(fields | provenance())


def save(records, shelf, entry, old=None):
    put = put_row(shelf, entry, old)
    records.commit([put])
    return put.new


def request(material_id=None, tool_id=None, machine_id=None):
    body = body_of()
    if material_id is not None:
        body["design"]["top_material_id"] = material_id
        body["design"]["rings"][0]["material_id"] = material_id
    if tool_id is not None:
        body["context"]["cuts"][0] |= {"tool_id": tool_id, "tool": None}
    if machine_id is not None:
        body["context"] |= {"machine_id": machine_id, "machine": None}
    return Design.model_validate(body["design"]), Context.model_validate(body["context"])


def test_a_row_comes_back_as_it_was_written(records):
    written = maple(values={"class": "WOOD", "density_kg_per_m3": 690.5, "janka_n": None})
    save(records, MATERIALS, written)
    kept = get_row(records, MATERIALS, "own:maple")
    assert kept.entry == written
    assert get_row(records, MATERIALS, "own:other") is None
    assert get_row(records, TOOLS, "own:maple") is None


def test_an_id_is_taken_once_per_kind(records):
    save(records, MATERIALS, maple())
    with pytest.raises(Conflict) as caught:
        save(records, MATERIALS, maple(label="another"))
    assert caught.value.keys == (key_of(RowKind.MATERIALS, "own:maple"),)
    save(records, TOOLS, bit("own:maple"))


def test_a_write_based_on_an_old_read_conflicts(records):
    first = save(records, MATERIALS, maple())
    second = save(records, MATERIALS, maple(label="heavier"), first)
    with pytest.raises(Conflict):
        save(records, MATERIALS, maple(label="lighter"), first)
    kept = get_row(records, MATERIALS, "own:maple")
    assert (kept.entry.label, kept.entry.version, kept.record.version) == ("heavier", 2, second.version)


def test_rows_are_listed_newest_first_and_keep_their_place_when_they_change(records):
    old = save(records, MATERIALS, maple("own:a"))
    save(records, MATERIALS, maple("own:b", minutes=1))
    save(records, MATERIALS, maple("own:c", minutes=2))
    save(records, MATERIALS, maple("own:a", label="changed"), old)
    save(records, TOOLS, bit())
    page = list_rows(records, MATERIALS, "", None, 2)
    rest = list_rows(records, MATERIALS, "", page.resume_after, 2)
    found = entries_of(records, MATERIALS, [*page.items, *rest.items])
    assert [each.id for each in found] == ["own:c", "own:b", "own:a"]
    assert found[-1].label == "changed"
    assert rest.resume_after is None


@pytest.mark.parametrize("query", ["bearclaw", "SHED pile", "tiger maple", "own:maple", ""])
def test_a_row_is_found_by_id_label_and_alias(records, query):
    save(records, MATERIALS, maple())
    save(records, MATERIALS, maple("own:x", label="Plank", aliases=()))
    found = [line.head["id"] for line in list_rows(records, MATERIALS, query, None, 10).items]
    assert "own:maple" in found
    assert ("own:x" in found) == (query == "")


def test_a_new_name_is_found_and_the_old_one_is_not(records):
    old = save(records, MATERIALS, maple())
    save(records, MATERIALS, maple(aliases=("attic",)), old)
    assert [line.head["id"] for line in list_rows(records, MATERIALS, "attic", None, 10).items] == ["own:maple"]
    assert list_rows(records, MATERIALS, "tiger", None, 10).items == ()


def test_the_library_finds_own_rows_of_each_kind_and_built_in_ones_beside_them(records):
    save(records, MATERIALS, maple())
    save(records, TOOLS, bit())
    save(records, MACHINES, mill())
    design, context = request("own:maple", "own:bit", "own:mill")
    library = library_for(records, [design], [context])
    assert type(library.material("own:maple")) is MaterialRow
    assert library.material("own:maple").values.density_kg_per_m3 == 690
    assert type(library.tool("own:bit")) is ToolRow
    assert type(library.machine("own:mill")) is MachineRow
    assert library.material("maple_hard").label == "Hard maple"
    assert library.material("own:none") is None


def test_one_read_serves_all_own_rows_of_a_request_and_none_is_made_without_any(records):
    save(records, MATERIALS, maple())
    save(records, TOOLS, bit())
    counting = CountingStore(records)
    library_for(counting, *([each] for each in request()))
    assert counting.gets == []
    library = library_for(counting, *([each] for each in request("own:maple", "own:bit", "own:gone")))
    assert [library.material("own:maple").id, library.tool("own:bit").id] == ["own:maple", "own:bit"]
    assert library.machine("own:gone") is None
    assert (len(counting.gets), len(counting.gets[0]), counting.queries) == (1, 3, 0)


def test_many_requests_are_read_a_hundred_rows_at_a_time(records):
    contexts = [request(tool_id=f"own:bit-{i}")[1] for i in range(150)]
    save(records, TOOLS, bit("own:bit-149"))
    counting = CountingStore(records)
    library = library_for(counting, [], contexts)
    assert [len(keys) for keys in counting.gets] == [100, 50]
    assert (library.tool("own:bit-149") is not None, library.tool("own:bit-0")) == (True, None)


def test_the_nearest_id_may_be_an_own_one_or_a_built_in_one(records):
    save(records, MATERIALS, maple())
    library = library_for(records, [], [])
    assert library.nearest(RowKind.MATERIALS, "own:mapel") == "own:maple"
    assert library.nearest(RowKind.MATERIALS, "own:shed pile") == "own:maple"
    assert library.nearest(RowKind.MATERIALS, "spruce_stika") == "spruce_sitka"
    assert library.nearest(RowKind.TOOLS, "own:mapel") is None


def test_a_row_with_fields_of_a_later_version_is_read(records):
    body = maple().model_dump_json().replace('"id":', '"moisture":8,"id":', 1)
    head = {"id": "own:maple", "label": "x", "aliases": ""}
    key = key_of(RowKind.MATERIALS, "own:maple")
    records.commit([Put(Record(key=key, body=body, head=head, entries=(Entry("own-rows/materials", "1"),)))])
    library = library_for(records, [request("own:maple")[0]], [])
    assert library.material("own:maple").label == "Bearclaw maple"


def near(library, diameter_mm=3.0, types=(ToolType.FLAT,)):
    return [row.id for row in library.tools_near(diameter_mm, types) if row.id.startswith("own:")]


def test_own_tools_near_a_diameter_are_few_of_the_type_and_read_at_once(records):
    for diameter in (0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 12):
        save(records, TOOLS, bit(f"own:bit-{diameter}", diameter_mm=diameter))
    save(records, TOOLS, bit("own:ball", type="BALL"))
    save(records, TOOLS, bit("own:unmeasured", diameter_mm=None))
    counting = CountingStore(records)
    library = library_for(counting, [], [])
    expected = ["own:bit-1.5", "own:bit-2", "own:bit-2.5", "own:bit-3", "own:bit-3.5", "own:bit-4", "own:bit-5"]
    assert sorted(near(library)) == [*expected, "own:bit-6"]
    assert near(library) == near(library)
    assert (counting.queries, [len(keys) for keys in counting.gets]) == (1, [8])
    assert {row.id for row in library.tools_near(3.0, [ToolType.FLAT])} > {"flat_3175", "flat_2000"}
    assert library.tool("own:bit-3").values.diameter_mm == 3


def test_a_changed_tool_is_near_its_new_diameter(records):
    old = save(records, TOOLS, bit())
    save(records, TOOLS, bit(diameter_mm=12.0, type="BALL"), old)
    assert near(library_for(records, [], [])) == []
    (found,) = library_for(records, [], []).tools_near(12.0, [ToolType.BALL])[:1]
    assert (found.id, found.values.diameter_mm) == ("own:bit", 12)
