"""Figures of an evaluation as people read them: digits by unit, and enough of them to see who is ahead."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from survey_app.formatting import ABSENT, number, percent, rounded

#: Decimals by unit; a percentage has one, whatever is counted has none.
DIGITS = {
    "per_hundred": 2,
    "square_metre": 2,
    "yuan": 2,
    "coefficient": 3,
    "pupils": 0,
    "rooms": 0,
    "years": 0,
    "hours": 0,
}

#: Beyond these two figures look alike, and are left so.
_MOST_DIGITS = 6


def exact(value: Any) -> Fraction | None:
    """The number in *value* as it was written; None where there is none.

    >>> exact(0.15), exact("1/3"), exact(None)
    (Fraction(3, 20), Fraction(1, 3), None)
    """
    if value is None or isinstance(value, bool):
        return None
    return Fraction(str(value)) if isinstance(value, float) else Fraction(value)


def unit_of(finding: Mapping[str, Any]) -> str:
    """The unit in which the value of a document's finding is printed; difference coefficients have their own.

    >>> unit_of({"formula": "difference_coefficient", "unit": "per_hundred"})
    'coefficient'
    """
    return "coefficient" if finding["formula"] == "difference_coefficient" else finding["unit"]


def figure(value: Any, unit: str = "number", against: Any = None) -> str:
    """Print *value* in its unit; beside *against* with the digits that tell the two apart.

    >>> figure(4.5, "square_metre"), figure(0.874, "percent"), figure(None, "yuan")
    ('4.50', '87.4%', '—')
    >>> figure(0.84999, "percent", against=0.85), figure(1.5, "points")
    ('84.999%', '1.5')
    """
    given, other = exact(value), exact(against)
    if given is None:
        return ABSENT
    scale = 100 if unit == "percent" else 1
    digits = 1 if unit == "percent" else DIGITS.get(unit, 0 if given.denominator == 1 else 3)
    if unit == "points":
        digits = next((each for each in range(digits) if (given * 10**each).denominator == 1), digits)
    if other is not None and given != other:
        while digits < _MOST_DIGITS and rounded(given * scale, digits) == rounded(other * scale, digits):
            digits += 1
    return percent(given, digits) if unit == "percent" else number(given, digits)


def limit(value: Any, unit: str = "number") -> str:
    """Print a standard with the digits it was set in.

    >>> limit(0.85, "percent"), limit(6000, "yuan"), limit(4.5), limit(None)
    ('85%', '6,000', '4.5', '—')
    """
    given = exact(value)
    if given is None:
        return ABSENT
    scaled = given * (100 if unit == "percent" else 1)
    digits = next(
        (each for each in range(_MOST_DIGITS) if (scaled * 10**each).denominator == 1), _MOST_DIGITS
    )
    return number(scaled, digits) + ("%" if unit == "percent" else "")


def ratio(value: Any, threshold: Any) -> str:
    """*value* as a multiple of *threshold*; below it never printed as 1.00.

    >>> ratio(3.7, 4.5), ratio(4.4999, 4.5), ratio(4.5001, 4.5), ratio(None, 4.5)
    ('0.82', '0.99998', '1.00', '—')
    """
    given, other = exact(value), exact(threshold)
    if given is None or not other:
        return ABSENT
    return figure(given / other, "per_hundred", against=1 if given < other else None)
