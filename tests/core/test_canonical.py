"""Canonical JSON: one form for equal content, held against the library that defines it."""

import math

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st
from rmos.canonical import canonical_json, parsed, sha256_of_json

integers = st.integers(-(2**53) + 1, 2**53 - 1)


def json_values(floats):
    return st.recursive(
        st.none() | st.booleans() | integers | floats | st.text(),
        lambda children: st.lists(children) | st.dictionaries(st.text(), children),
        max_leaves=20,
    )


values = json_values(st.floats(allow_nan=False, allow_infinity=False))


@given(values)
@example([1e-4, 9.999999e-5, 1e-7, 1e15, 1e16, 1e21, -0.0, 0.0, 5e-324, 1.7976931348623157e308, 2.0**53])
@example([{"a": -0.0}, [1.0], ["x:1.0,", -1.5, 0.5, 123456789012345.5]])
@example({"\ue000": 1, "\U00010000": 2, "a": 3})
@example('\x00\x1f\x7f"\\/\b\f\n\r\t\u2028\ud7ff\uffff\U0010ffff')
def test_every_value_is_written_as_the_library_writes_it(value):
    assert canonical_json(value) == rfc8785.dumps(value)


@given(json_values(st.floats(-1e15, 1e15)))
def test_what_is_read_back_is_written_the_same(value):
    assert canonical_json(parsed(canonical_json(value))) == canonical_json(value)


@given(st.dictionaries(st.text(), values))
def test_the_order_of_names_does_not_change_a_hash(members):
    assert sha256_of_json(members) == sha256_of_json(dict(reversed(members.items())))


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (-0.0, 0), (100, 1e2), ([1, 2], (1, 2))])
def test_the_spelling_of_a_number_does_not_change_a_hash(one, other):
    assert sha256_of_json({"x": one}) == sha256_of_json({"x": other})


def test_true_is_not_one():
    assert sha256_of_json([True]) != sha256_of_json([1])


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, "\ud800", 2**53, -(2**53), object(), {"a": {1, 2}}, b"x"]
)
def test_what_is_not_json_is_refused(value):
    with pytest.raises(ValueError, match=r".+"):
        canonical_json([value])
