"""A line of a certificate worked out with the tools of any shell, for people who check it by hand."""

from dataclasses import dataclass

import sampling


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """One uniform number of the draw: what is hashed, how, and what comes out."""

    #: What the number decided: `clusters` (where the selection of schools starts) or `places` (a person's).
    stage: str
    group: str
    unit: str
    #: To be typed into a shell.
    command: str
    #: What it prints: 64 hexadecimal digits.
    digest: str


def worked_line(sample: sampling.Sample) -> Worked | None:
    """The first number that the draw used; None where nothing was drawn."""
    for draw in sample.draws:
        for stratum in draw.strata:
            if stratum.clusters:
                return _worked(sample, draw.plan.group, "clusters", stratum.name)
        for place in draw.places:
            return _worked(sample, draw.plan.group, "places", place.id)
    return None


def _worked(sample: sampling.Sample, group: str, stage: str, unit: str) -> Worked:
    number = sampling.Uniforms(sample.seed, frame_digest=sample.frame_digest).number(f"{group}:{stage}", unit)
    parts = [sample.seed, sample.frame_digest, f"{group}:{stage}", unit]
    quoted = " ".join(_quoted(part) for part in parts)
    return Worked(
        stage=stage,
        group=group,
        unit=unit,
        command=f"printf '%s\\n%s\\n%s\\n%s' {quoted} | sha256sum",
        digest=f"{number:064x}",
    )


def _quoted(text: str) -> str:
    """A word as every shell reads it."""
    return "'" + text.replace("'", "'\\''") + "'"
