"""Labels find room."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from rmos.drawing.spacing import spread


@given(wanted=st.lists(st.floats(0, 100), min_size=1, max_size=40).map(sorted), gap=st.floats(0.1, 10))
def test_labels_keep_their_order_their_room_and_their_distance(wanted, gap):
    places = spread(wanted, gap, 0, 100)
    assert places == sorted(places)
    assert places[0] >= -1e-9
    assert places[-1] <= 100 + 1e-9
    has_room = gap * (len(wanted) - 1) < 100
    assert not has_room or all(b - a > gap - 1e-6 for a, b in pairwise(places))


def test_labels_with_room_stand_where_they_belong():
    assert spread([1, 5, 9], 2, 0, 10) == [1, 5, 9]


def test_two_labels_at_one_place_stand_to_both_sides_of_it():
    assert spread([5, 5], 2, 0, 10) == [4, 6]
