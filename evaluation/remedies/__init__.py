"""What would help a county that falls short: what schools lack, the cheapest plan, mergers as a what-if."""

from evaluation.remedies.changes import Change
from evaluation.remedies.comparison import Comparison, compare
from evaluation.remedies.mergers import Mergers, read_mergers
from evaluation.remedies.merging import Merged, Transfer, WhatIf, merge_schools, what_if
from evaluation.remedies.obstacles import Obstacle
from evaluation.remedies.plan import Plan, plan_remedies
from evaluation.remedies.shortfall import Shortfall, Shortfalls
from evaluation.remedies.unit_costs import UnitCosts, read_unit_costs

__all__ = [
    "Change",
    "Comparison",
    "Merged",
    "Mergers",
    "Obstacle",
    "Plan",
    "Shortfall",
    "Shortfalls",
    "Transfer",
    "UnitCosts",
    "WhatIf",
    "compare",
    "merge_schools",
    "plan_remedies",
    "read_mergers",
    "read_unit_costs",
    "what_if",
]
