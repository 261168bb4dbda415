"""The command that checks an exported run or an evidence pack, on any computer and without a database."""

from pathlib import Path

import click

from survey_app.assessments.checking import NotOursError, check_file, verdict_on
from survey_app.messages import sentence
from survey_app.printing import print_json

_MARKS = {True: "✓", False: "✗", None: "?"}


def visible(text: str) -> str:
    r"""*text* with what a terminal would obey, or could not show, written out: a name must not hide a line.

    >>> visible("第1步"), visible("a\x1b[8m")
    ('第1步', 'a\\x1b[8m')
    """
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print one JSON document")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def verify(file: Path, as_json: bool, lang: str) -> None:
    """离线核对导出的评估或证据包 / check an exported run or an evidence pack, offline."""
    try:
        checks = check_file(file)
    except NotOursError as refused:
        said = sentence(f"verify_refused_{refused.rule}", lang=lang, where=visible(refused.where))
        if as_json:
            print_json(
                {"holds": False, "refused": refused.rule, "where": visible(refused.where), "said": said}
            )
        else:
            click.echo(said, err=True)
        raise SystemExit(1) from refused
    holds = verdict_on(checks)
    verdict = sentence(f"verify_{'holds' if holds else 'open' if holds is None else 'altered'}", lang=lang)
    if as_json:
        listed = [{"what": each.what, "where": visible(each.where), "holds": each.holds} for each in checks]
        print_json({"holds": holds, "said": verdict, "checks": listed})
    else:
        for each in checks:
            said = sentence(f"verify_{each.what}", lang=lang, where=visible(each.where))
            click.echo(f"{_MARKS[each.holds]} {said}")
        click.echo(verdict)
    raise SystemExit(1 if holds is False else 0)
