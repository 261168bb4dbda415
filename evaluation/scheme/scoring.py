"""How scored items conclude: shares of points, and grades for their total."""

from pydantic import field_validator

from evaluation.terms import Data, Exact, Share, Text

#: The section of the total, in a scheme that scores.
SCORING = "scoring"


class Band(Data):
    """A grade for a total score."""

    id: str
    label: Text
    #: The smallest total that has it.
    at_least: Exact


class Scoring(Data):
    """How scored items conclude: each reaches a share of its points, the total falls into a band."""

    label: Text
    clause: str
    #: What all scored items are worth together.
    points: Exact
    #: The share of its points that every scored item must reach.
    item_share: Share
    #: From the lowest to the highest.
    bands: list[Band]

    @field_validator("bands")
    @classmethod
    def _bands_rise(cls, bands: list[Band]) -> list[Band]:
        limits = [band.at_least for band in bands]
        if not limits or limits != sorted(set(limits)):
            raise ValueError("bands go from the lowest to the highest, each once")
        return bands
