"""The draw: who is invited, with what probability, from nothing but a seed and a frame.

A method is a function from frame, plan and uniform numbers to a draw, registered in `METHODS`. People are
drawn at once, or schools first and then people, classes or everybody in them; an ordered reserve follows from
the same numbers. All methods consume the numbers of `sampling.uniforms` and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sampling.clusters import draw_classes, draw_pps, draw_two_stage
from sampling.drawn import GroupDraw, Sample
from sampling.errors import ArgumentError, SeedChangedError
from sampling.frame import Frame
from sampling.group_plan import (
    CLASSES,
    PPS,
    SIMPLE,
    STRATIFIED,
    SYSTEMATIC,
    TWO_STAGE,
    GroupPlan,
)
from sampling.persons import draw_simple, draw_stratified, draw_systematic
from sampling.uniforms import Uniforms, seed_commitment

#: Method → how it draws; the keys its plan reads stand in `sampling.group_plan.KEYS`.
METHODS: dict[str, Callable[[Frame, GroupPlan, Uniforms], GroupDraw]] = {
    TWO_STAGE: draw_two_stage,
    SIMPLE: draw_simple,
    SYSTEMATIC: draw_systematic,
    STRATIFIED: draw_stratified,
    PPS: draw_pps,
    CLASSES: draw_classes,
}


def draw_sample(
    frame: Frame, plan: Sequence[GroupPlan], *, seed: str, commitment: str | None = None
) -> Sample:
    """Draw every group of *plan* from *frame*.

    Args:
        frame: The lists.
        plan: One instruction for each group.
        seed: A text of one line.
        commitment: The digest of the seed that was published before the frame was known; the sample and its
            certificate then carry it.

    Raises:
        FrameFaultsError: The frame has faults, or no people of a planned group.
        TooFewError: A group has fewer people than its plan asks for.
        SeedChangedError: The seed is not the one that was committed to.
        ArgumentError: A group planned twice, a seed that is not one line.
    """
    groups = [one.group for one in plan]
    if len(set(groups)) != len(groups):
        raise ArgumentError("plan", value=groups, rule="must name each group once")
    frame.require(*groups)
    uniforms = Uniforms(seed, frame_digest=frame.digest)
    if commitment is not None and (found := seed_commitment(seed)) != commitment:
        raise SeedChangedError(certified=commitment, found=found)
    draws = tuple(METHODS[one.method](frame, one, uniforms) for one in plan)
    return Sample(frame_digest=frame.digest, seed=seed, draws=draws, commitment=commitment)
