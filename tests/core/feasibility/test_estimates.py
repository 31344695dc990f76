"""What a cut takes: by hand, from the lengths it follows."""

import pytest

from tests.support.rosettes import body_of, changed, judged, saw_cut


def estimates(body):
    return judged(body).cuts[0].estimates


def middle_s(body):
    time = estimates(body).cut_time_s
    return (time.low + time.high) / 2


def sawn(ring, **values):
    """Return a cut with an 80 mm blade at 3600 mm/min on a machine of 250 mm/s2, for a ring of these values."""
    body = saw_cut(diameter=80, teeth=30, kerf=0.8, plate=0.6, rpm=6000, feed=3600, depth=3)
    body["design"]["rings"][0] |= ring
    return changed(body, **values)


def test_strips_take_a_run_along_each_with_the_run_in_of_the_blade():
    """A ring of 44.55 to 60.45 mm of 0.4 mm strips: 40 strips, 46 with the spare.

    Each is 2 pi 52.5 + 10 = 339.9 mm long; 3 mm deep the blade runs in sqrt(3 x 77) = 15.2 mm. 355.1 / 60 + 60 / 250
    is 6.16 s.
    """
    body = sawn({"construction": "VENEER", "strip_thickness_mm": 0.4})
    assert middle_s(body) == pytest.approx(46 * 6.158, abs=0.2)
    assert estimates(body).cut_time_basis == (
        "46 cuts of 339.9 mm and a run-in of 15.2 mm in each pass, spare pieces included; returns, clamping and "
        "cutting the stock to size left out"
    )


def test_segments_slices_and_sheets_are_cut_across():
    """14 of 12 segments 60.45 - 44.55 cos 15 = 17.4 mm high, + 2.4; 206 slices of 15.9 mm; 4 sides of 133.2 mm.

    The run-ins are 15.2 mm, as all are sawn 3 mm deep.
    """
    segments = sawn({"construction": "SEGMENTED", "segments": 12, "kerf_mm": 0.4})
    assert middle_s(segments) == pytest.approx(14 * ((19.82 + 15.2) / 60 + 0.24), abs=0.2)
    slices = sawn({"construction": "LOG", "tile_length_mm": 1.6})
    assert middle_s(slices) == pytest.approx(206 * ((15.9 + 15.2) / 60 + 0.24), abs=1)
    assert middle_s(sawn({})) == pytest.approx(4 * ((133.25 + 15.2) / 60 + 0.24), abs=0.1)


def test_twice_the_passes_take_twice_the_time():
    whole, halves = (
        sawn({"construction": "VENEER", "strip_thickness_mm": 0.4}, cuts__0__depth_per_pass_mm=depth)
        for depth in (2.2, 1.1)
    )
    assert middle_s(halves) == pytest.approx(2 * middle_s(whole), rel=1e-3)


@pytest.mark.parametrize(
    ("ring", "values", "said"),
    [
        ({"construction": "SEGMENTED"}, {}, "number of segments (ring.segments)"),
        ({"construction": "LOG"}, {}, "length of a tile along the ring (ring.tile_length_mm)"),
        ({"construction": "VENEER"}, {}, "thickness of the bent strips (ring.strip_thickness_mm)"),
        ({}, {"channel_depth_mm": ...}, "depth of the channel (design.channel_depth_mm)"),
        ({}, {"cuts__0__feed_mm_per_min": ...}, "feed of the cut (cut.feed_mm_per_min)"),
        ({}, {"cuts__0__depth_per_pass_mm": ...}, "depth of one pass (cut.depth_per_pass_mm)"),
    ],
)
def test_without_a_time_it_is_said_what_is_missing(ring, values, said):
    found = estimates(sawn(ring, **values))
    assert (found.cut_time_s, found.cut_time_basis) == (None, f"not estimated without: {said}")


def test_a_blade_in_the_top_has_no_time_and_says_so():
    body = sawn({}, cuts__0__target="CHANNEL", cuts__0__ring_index=..., cuts__0__depth_per_pass_mm=1)
    assert estimates(body).cut_time_s is None
    assert estimates(body).cut_time_basis == "not estimated: a blade does not follow this circle"


def test_a_bit_says_what_its_time_counts_and_what_is_missing():
    assert estimates(body_of()).cut_time_basis == (
        "laps: 6 in each pass, passes: 2; plunges included, rapids, clamping and tool changes left out"
    )
    both = changed(body_of(), cuts__0__feed_mm_per_min=..., cuts__0__tool=...)
    assert estimates(both).cut_time_basis == (
        "not estimated without: feed of the cut (cut.feed_mm_per_min) and diameter of the bit or blade "
        "(tool.diameter_mm)"
    )


def test_lengths_are_told_in_the_units_asked_for():
    body = changed(sawn({"construction": "VENEER", "strip_thickness_mm": 0.4}), context__display_units="INCH")
    assert "46 cuts of 13.4 in and a run-in of 0.598 in" in estimates(body).cut_time_basis
