"""An invented county looked at by every test."""

import numpy as np

from sampling import integrity
from sampling.integrity.simulated import DURATION, FACT, FAST, SimulatedCounty


def read(county: SimulatedCounty, answers=None, **options):
    """Return the county's questionnaires as the tests read them."""
    return integrity.read_sheets(
        county.answers if answers is None else answers,
        items=county.items,
        reversed_items=county.reversed_items,
        school="school",
        stratum="stratum",
        beside=[FACT, DURATION],
        **options,
    )


def evidence(county: SimulatedCounty, *, seed: int = 1) -> list[integrity.Evidence]:
    """Return what every test says of the county."""
    rng = np.random.default_rng(seed)
    sheets = read(county)
    registry = {school: {"yes": share, "no": 1 - share} for school, share in county.registry.items()}
    return [
        *integrity.likeness(sheets, rng=rng),
        *integrity.uniformity(sheets, rng=rng),
        *integrity.ceiling(sheets),
        *integrity.straight_lining(sheets),
        *integrity.speed(sheets, duration=DURATION, fast={FAST}),
        *integrity.bursts(county.arrivals, batch="batch", bucket="bucket", n="n", stratum="stratum"),
        *integrity.contradicted_facts(sheets, item=FACT, registry=registry),
        *integrity.verification(sheets, read(county, county.verification), rng=rng),
    ]


def screen(county: SimulatedCounty, *, seed: int = 1) -> integrity.Screening:
    """Return everything found in the county, judged."""
    return integrity.control(evidence(county, seed=seed))
