"""A chart laid out for SVG: where its points stand, what its axes say, where a line breaks."""

import pytest

from lib.charts import Chart, Mark, Series
from lib.svg import BOTTOM, HEIGHT, LEFT, MOST_LABELS, RIGHT, TOP, WIDTH, drawing, short_text


def chart(*values: float | None, unit: str = "times") -> Chart:
    categories = tuple(str(n) for n in range(len(values)))
    return Chart("c", "Cover", unit, "GBP", "Year", categories, (Series("One", values, Mark.LINE),))


def test_points_stand_between_round_figures():
    drawn = drawing(chart(1.0, 2.0, 1.5))
    assert [tick.text for tick in drawn.up] == ["1.00x", "1.20x", "1.40x", "1.60x", "1.80x", "2.00x"]
    first, last, middle = drawn.lines[0].dots
    assert (first.y, last.y) == (HEIGHT - BOTTOM, TOP)
    assert middle.y == (first.y + last.y) / 2
    third = (WIDTH - LEFT - RIGHT) / 3
    assert [dot.x for dot in drawn.lines[0].dots] == pytest.approx(
        [LEFT + third * (n + 0.5) for n in range(3)], abs=0.01
    )


def test_a_gap_breaks_the_line():
    drawn = drawing(chart(1.0, None, 2.0, 3.0))
    assert [len(stretch.split()) for stretch in drawn.lines[0].stretches] == [1, 2]
    assert len(drawn.lines[0].dots) == 3
    assert drawn.lines[0].dots[1].said == "2: 2.00x"


@pytest.mark.parametrize("values", [(5.0, 5.0), (0.0,), (-2e6, 3e6), (None, None), (1e-3, 2e-3)])
def test_whatever_the_values_every_point_lies_inside(values: tuple[float | None, ...]):
    drawn = drawing(chart(*values, unit="amount"))
    assert len(drawn.up) >= 2
    for dot in drawn.lines[0].dots:
        assert TOP <= dot.y <= HEIGHT - BOTTOM
    assert drawn.unit == "GBP"


@pytest.mark.parametrize(
    ("value", "said"), [(80e6, "80m"), (2.5e6, "2.5m"), (0.0, "0"), (-1.25e6, "-1.25m"), (1e9, "1,000m")]
)
def test_amounts_on_an_axis_are_short(value: float, said: str):
    assert short_text(value, "amount") == said


@pytest.mark.parametrize(("count", "shown"), [(MOST_LABELS, MOST_LABELS), (MOST_LABELS + 1, 6), (60, 10)])
def test_many_categories_share_labels_and_keep_their_dots(count: int, shown: int):
    drawn = drawing(chart(*[1.0 * n for n in range(count)]))
    assert (len(drawn.across), len(drawn.lines[0].dots)) == (shown, count)
    assert drawn.across[0].text == "0"
