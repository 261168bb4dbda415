"""What the tests of integrity find in invented counties, and what they leave alone.

    python benchmarks/integrity.py                 1000 seeds for every row, on all cores
    python benchmarks/integrity.py --seeds 50      a quick look

Every seed makes a county of its own: 18 to 36 schools in 3 strata, 10 to 14 questionnaires a school, between
76 % and 96 % of them satisfied, a tenth of the variance between schools, topics that people feel about in
their own way, schools with strong and weak sides, one in twenty-five ticking one column throughout. In a
cheating county 4 schools (in a uniform one, all) have at least nineteen in twenty questionnaires made up in
one way.

*recall* is the share of cheating schools that the test made for this kind flags, *any* that any test flags
(for a uniform county, the share of counties with a flag on schools being too much alike); *honest* the share
of the honest schools of the same counties with any flag.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sampling import integrity  # noqa: E402
from sampling.integrity.simulated import (  # noqa: E402
    DURATION,
    FACT,
    FAST,
    KINDS,
    CountyModel,
    SimulatedCounty,
    simulated_county,
)

#: Kind of cheating → the test made for it.
MADE_FOR = {
    "template": "near_duplicates",
    "duplicates": "copies_across",
    "ceiling": "ceiling",
    "straight": "straight_lining",
    "uniform": "uniformity",
    "bursts": "bursts",
    "fast": "speed",
    "facts": "facts",
    "strangers": "verification",
}


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--seeds", type=int, default=1000, help="counties for every row")
    options.add_argument("--first", type=int, default=0, help="the first seed")
    options.add_argument("--fdr", type=float, default=0.03, help="share of false flags to expect at most")
    options.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes")
    given = options.parse_args()
    seeds = range(given.first, given.first + given.seeds)
    print(f"{given.seeds} counties a row, seeds from {given.first}, false flags at most {given.fdr:.0%}\n")
    print(f"{'kind':<12} {'cheating':>9} {'recall':>8} {'any':>8} {'honest':>9} {'flagged':>8}")
    alone: Counter[str] = Counter()
    with ProcessPoolExecutor(given.jobs) as pool:
        for kind in ("", *KINDS):
            tally: Counter[str] = Counter()
            for found in pool.map(partial(screened, kind=kind, fdr=given.fdr), seeds, chunksize=5):
                tally += found
            alone = alone or tally
            print(row(kind, tally), flush=True)
    print("\nhonest counties: share of schools flagged by each test")
    for test in integrity.LEAST:
        print(f"{test:<18} {alone[f'honest {test}'] / alone['honest']:>8.3%}")
    print(f"{'any':<18} {alone['honest any'] / alone['honest']:>8.3%}")
    print(f"counties with a flag on the county or a stratum: {alone['whole'] / given.seeds:.3%}")


def row(kind: str, tally: Counter[str]) -> str:
    """Return one line of the table."""
    honest = f"{tally['honest']:>9} {share(tally['honest any'], tally['honest']):>8}"
    if not kind:
        return f"{'(none)':<12} {'':>9} {'':>8} {'':>8} {honest}"
    of = "cheating"
    recall = share(tally[f"cheating {MADE_FOR[kind]}"], tally[of])
    return f"{kind:<12} {tally[of]:>9} {recall:>8} {share(tally['cheating any'], tally[of]):>8} {honest}"


def share(part: int, whole: int) -> str:
    """Return a share in percent."""
    return f"{part / whole:.2%}" if whole else "-"


def screened(seed: int, *, kind: str, fdr: float) -> Counter[str]:
    """Return what is counted in one county."""
    rng = np.random.default_rng([seed, 1])
    model = CountyModel(mood=float(rng.uniform(0.5, 1.1)), schools=int(rng.integers(18, 37)))
    county = simulated_county(rng, kind=kind, model=model)
    screening = integrity.control(evidence(county, np.random.default_rng([seed, 2])), fdr=fdr)
    flags: dict[str, set[str]] = {}
    for flag in screening.flags:
        flags.setdefault(flag.evidence.place.school or "", set()).add(flag.evidence.test)
    if kind == "uniform":
        whole = flags.get("", set())
        return Counter(
            {"cheating": 1, "cheating uniformity": "uniformity" in whole, "cheating any": bool(whole)}
        )
    tally: Counter[str] = Counter(whole="" in flags)
    for school in county.registry:
        who = "cheating" if school in county.cheating else "honest"
        tally[who] += 1
        tally[f"{who} any"] += school in flags
        tally.update(f"{who} {test}" for test in flags.get(school, ()))
    return tally


def evidence(county: SimulatedCounty, rng: np.random.Generator) -> Iterator[integrity.Evidence]:
    """Yield what every test says of a county."""
    sheets, again = (
        integrity.read_sheets(
            answers,
            items=county.items,
            reversed_items=county.reversed_items,
            school="school",
            stratum="stratum",
            beside=[FACT, DURATION],
        )
        for answers in (county.answers, county.verification)
    )
    yield from integrity.likeness(sheets, rng=rng)
    yield from integrity.uniformity(sheets, rng=rng)
    yield from integrity.ceiling(sheets)
    yield from integrity.straight_lining(sheets)
    yield from integrity.speed(sheets, duration=DURATION, fast={FAST})
    yield from integrity.bursts(county.arrivals, batch="batch", bucket="bucket", n="n", stratum="stratum")
    registry = {school: {"yes": there, "no": 1 - there} for school, there in county.registry.items()}
    yield from integrity.contradicted_facts(sheets, item=FACT, registry=registry)
    yield from integrity.verification(sheets, again, rng=rng)


if __name__ == "__main__":
    main()
