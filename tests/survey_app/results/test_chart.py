from fractions import Fraction

import pytest

from survey_app.results.chart import dot_chart

LIMIT = Fraction(85, 100)


def test_the_scale_holds_every_dot_interval_and_the_limit():
    rows = [
        ("a", Fraction(9, 10), {"lower": 0.61, "upper": 0.97}),
        ("b", Fraction(1, 1), None),
        ("c", Fraction(8, 10), {"lower": None, "upper": None}),
    ]
    chart = dot_chart(rows, LIMIT)
    assert chart.lowest == 0.6
    for dot in chart.dots:
        for x in (dot.x, dot.lower_x, dot.upper_x):
            assert x is None or chart.left <= x <= chart.right
    assert chart.left < chart.limit_x < chart.right
    assert chart.dots[1].x == chart.right
    assert chart.dots[2].lower_x is None


@pytest.mark.parametrize(("lower", "cut"), [(0.0, True), (0.2, True), (0.86, False), (None, False)])
def test_an_interval_below_the_scale_is_said_to_be_cut(lower, cut):
    weighted = {"lower": lower, "upper": None if lower is None else 0.95}
    assert dot_chart([("学生", Fraction(9, 10), weighted)], LIMIT).cut is cut


def test_a_boundless_interval_does_not_crush_the_scale():
    chart = dot_chart([("a", Fraction(9, 10), {"lower": 0.001, "upper": 1.0})], LIMIT)
    assert chart.lowest == 0.7
    assert chart.dots[0].lower_x == chart.left


def test_a_rate_of_nothing_stays_on_the_paper():
    chart = dot_chart([("a", Fraction(0), {"lower": 0.0, "upper": 0.1})], LIMIT)
    assert (chart.lowest, chart.dots[0].x) == (0.0, chart.left)
