"""Commands over questionnaire files: check, preview, import, export."""

import tempfile
import webbrowser
from pathlib import Path
from typing import Any

import click

from survey_app.printing import print_json, refuse
from survey_app.surveys.faults import QuestionnaireError
from survey_app.surveys.questionnaire import Questionnaire
from survey_app.surveys.questionnaire_loader import load_questionnaire

_EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW = click.Path(dir_okay=False, writable=True, path_type=Path)
_JSON = click.option("--json", "as_json", is_flag=True, help="输出 JSON / print one JSON document")
_LANGUAGE = click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)


@click.group()
def questionnaire() -> None:
    """问卷文件：检查、预览、导入、导出 / questionnaire files."""


@questionnaire.command()
@click.argument("file", type=_EXISTING)
@_JSON
@_LANGUAGE
def check(file: Path, *, as_json: bool, lang: str) -> None:
    """检查问卷文件，列出所有问题 / check FILE and list every fault with its line."""
    read = _load(file, as_json=as_json, lang=lang)
    facts = summary(read)
    if as_json:
        print_json(facts)
        return
    counted = ", ".join(f"{kind} {n}" for kind, n in facts["kinds"].items())
    sections, items = facts["sections"], facts["items"]
    said = {
        "zh": f"{file.name}：没有问题。{sections} 个部分，{items} 题（{counted}）。",
        "en": f"{file.name}: no faults. {sections} sections, {items} items ({counted}).",
    }
    click.echo(said[lang])
    click.echo(f"SHA-256 {facts['digest']}")


@questionnaire.command()
@click.argument("file", type=_EXISTING)
@click.option("--group", help="对象类别，默认第一类 / group; the first of the form by default")
@click.option("--out", type=_NEW, help="写成文件，不打开 / write the page to a file instead of opening it")
@click.option("--county", default="", help="问卷里的县名 / name of the county in the questions")
@click.option("--school", default="", help="问卷里的校名 / name of the school in the questions")
@click.option("--order", help="打乱顺序的种子 / seed of a shuffled order; as in the file without it")
@_LANGUAGE
def preview(
    file: Path, *, group: str | None, out: Path | None, county: str, school: str, order: str | None, lang: str
) -> None:
    """在浏览器里看问卷在手机上的样子 / show FILE as a phone shows it."""
    from survey_app import create_app
    from survey_app.surveys.authoring.preview import Reader, as_file, render

    read = _load(file, as_json=False, lang=lang)
    group = group or read.groups[0]
    if group not in read.groups:
        raise click.BadParameter(f"{group}: {', '.join(read.groups)}", param_hint="--group")
    app = create_app()
    css = (Path(app.static_folder or "") / "respond.css").read_text("utf-8")
    with app.test_request_context():
        page = render(read, Reader(group=group, order_seed=order, county=county, school=school), lang)
    page = as_file(page, css)
    if out is not None:
        out.write_text(page, encoding="utf-8")
        click.echo(str(out))
        return
    with tempfile.NamedTemporaryFile(
        "w", suffix=".html", prefix="junheng-", encoding="utf-8", delete=False
    ) as kept:
        kept.write(page)
    address = Path(kept.name).as_uri()
    click.echo(address)
    webbrowser.open(address)


def summary(read: Questionnaire) -> dict[str, Any]:
    """What a questionnaire holds, in figures."""
    kinds: dict[str, int] = {}
    for item in read.items:
        kinds[item.kind] = kinds.get(item.kind, 0) + 1
    return {
        "form": read.form,
        "digest": read.digest,
        "groups": {group: len(read.items_for(group)) for group in read.groups},
        "sections": len(read.sections),
        "items": len(read.items),
        "kinds": kinds,
    }


def _load(file: Path, *, as_json: bool, lang: str) -> Questionnaire:
    try:
        return load_questionnaire(file)
    except QuestionnaireError as refused:
        refuse(refused.faults, as_json=as_json, lang=lang)
