from decimal import Decimal

import pytest

from lib.canonical import canonical_hash, canonical_text


def test_keys_are_sorted_and_numbers_written_in_one_way() -> None:
    assert canonical_text({"b": 1.50, "a": [2.0, 1e-7, True, None, "é"]}) == '{"a":[2,0.0000001,true,null,"é"],"b":1.5}'


@pytest.mark.parametrize("same", [1, 1.0, Decimal("1.00"), Decimal("1E+0")])
def test_equal_numbers_have_equal_hashes(same: object) -> None:
    assert canonical_hash({"x": same}) == canonical_hash({"x": 1})


def test_large_and_negative_zero() -> None:
    assert (
        canonical_text([1e22, -0.0, 428_000_000.0, 0.1 + 0.2])
        == "[10000000000000000000000,0,428000000,0.30000000000000004]"
    )


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), Decimal("NaN")])
def test_what_is_not_finite_is_refused(bad: object) -> None:
    with pytest.raises(ValueError, match="finite"):
        canonical_text({"x": bad})


@pytest.mark.parametrize("bad", [{1: "x"}, {"x": {1, 2}}, object()])
def test_what_is_not_json_is_refused(bad: object) -> None:
    with pytest.raises(TypeError, match="expected"):
        canonical_text(bad)
