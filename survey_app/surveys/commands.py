"""Commands of the room."""

from typing import Any

import click

from survey_app.errors import RefusedInputError
from survey_app.printing import print_json, refuse
from survey_app.surveys.expectations import expect, lines, read_wishes
from survey_app.surveys.groups import GROUPS
from survey_app.surveys.planning import DEFAULT_SCHEME, Plan, make_plan, read_group_sizes


@click.command()
@click.option("--population", required=True, metavar="N", help="常住人口 / resident population")
@click.option("--scheme", "scheme_id", default=DEFAULT_SCHEME, show_default=True, help="细则 / scheme")
@click.option(
    "--group-size",
    "group_sizes",
    multiple=True,
    metavar="GROUP=N",
    help="某类对象的人数，可重复 / people in a group; may repeat, e.g. principal=12",
)
@click.option(
    "--locality",
    "localities",
    multiple=True,
    metavar="LOCALITY=N",
    help="地区的常住人口，按人口分配份数，可重复 / residents of a locality; may repeat, e.g. urban=150000",
)
@click.option(
    "--band",
    "bands",
    multiple=True,
    metavar="BAND",
    help="学段，各学段份数大致相等，可重复 / grade band, about equal; may repeat, e.g. primary",
)
@click.option(
    "--cell-size",
    "cell_sizes",
    multiple=True,
    metavar="GROUP/BAND/LOCALITY=N",
    help="某类对象在某学段某地区的人数，可重复 / people in a cell; may repeat, e.g. teacher/junior/rural=30",
)
@click.option(
    "--design-effect",
    "design_effects",
    multiple=True,
    metavar="D",
    help="设计效应，可重复 / design effect; may repeat, e.g. 4",
)
@click.option("--response-rate", metavar="R", help="预期应答率 / expected response rate, e.g. 0.9")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print one JSON document")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def plan(
    population: str, scheme_id: str, group_sizes: tuple[str, ...], as_json: bool, lang: str, **wished: Any
) -> None:
    """样本方案：常住人口 → 样本量 → 各类对象 / sample size and quotas for a county."""
    sizes, faults = read_group_sizes(group_sizes)
    wishes, found = read_wishes(**wished)
    faults += found
    made = None
    try:
        made = make_plan(population, scheme_id=scheme_id, group_sizes=sizes)
    except RefusedInputError as refused:
        faults += refused.faults
    if faults or made is None:
        refuse(faults, as_json=as_json, lang=lang, places=False)
    if as_json:
        print_json(made.document(lang) | expect(made, wishes).document(lang))
    else:
        _print(made, lang)
        click.echo()
        for text in lines(expect(made, wishes), made):
            click.echo(text.in_language(lang))


def _print(made: Plan, lang: str) -> None:
    for line in made.steps:
        click.echo(line.text.in_language(lang))
    click.echo()
    labels = {group: GROUPS[group].label.in_language(lang) for group in made.quotas.n}
    for group, n in made.quotas.n.items():
        click.echo(f"{n:>6,}  {labels[group]}")
    for line in made.notes:
        click.echo(f"* {line.text.in_language(lang)}")
