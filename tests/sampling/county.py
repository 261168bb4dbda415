"""A small county to draw from: three bands of schools, and lists of the county."""

from sampling import Frame, FrameUnit, GroupPlan

PLACES = [("urban", "城关镇"), ("town", "北留镇"), ("rural", "横河乡")]


def frame(*, principals: int = 12) -> Frame:
    """Return a frame of 45 schools with parents, and two lists of the county."""
    units = []
    for number in range(45):
        locality, township = PLACES[number % 3]
        band = "junior" if number % 4 == 3 else "primary"
        units.append(
            FrameUnit(
                group="parent",
                id=f"s{number:02}",
                band=band,
                locality=locality,
                township=township,
                school=f"school {number}",
                size=40 + 37 * number % 400,
            )
        )
    units.append(FrameUnit(group="principal", id="county", size=principals))
    units.append(FrameUnit(group="deputy", id="county", size=300))
    return Frame(units)


PLAN = [
    GroupPlan(group="parent", n=270, method="two_stage"),
    GroupPlan(group="principal", n=12, method="simple"),
    GroupPlan(group="deputy", n=45, method="simple"),
]
