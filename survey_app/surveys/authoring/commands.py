"""Commands over questionnaire files: check, preview, import, export."""

import tempfile
import webbrowser
from pathlib import Path
from typing import Any

import click

from survey_app.printing import print_json, refuse
from survey_app.surveys.faults import QuestionnaireError
from survey_app.surveys.groups import FORMS
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
        known = ", ".join(read.groups)
        said = {
            "zh": f"问卷里没有 {group}，有：{known}",
            "en": f"the questionnaire asks no {group}, but {known}",
        }
        raise click.BadParameter(said[lang], param_hint="--group")
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


@questionnaire.command("import")
@click.argument("workbook", type=_EXISTING)
@click.option(
    "--out", type=_NEW, help="写成的文件，默认同名 .toml / file to write; the same name with .toml by default"
)
@click.option(
    "--form", type=click.Choice(FORMS), default=FORMS[0], show_default=True, help="哪一种卷 / which form"
)
@_JSON
@_LANGUAGE
def import_workbook(workbook: Path, *, out: Path | None, form: str, as_json: bool, lang: str) -> None:
    """从 XLSForm 表格导入 / turn an XLSForm workbook into a questionnaire file.

    Everything that cannot be carried over is listed. The file is written even if it still has faults, so that
    they can be corrected; they are listed too, and the exit status is 1.
    """
    from survey_app.counties.workbook.faults import WorkbookError
    from survey_app.surveys.authoring.toml_text import toml_of
    from survey_app.surveys.authoring.xlsform_import import import_xlsform

    out = out or workbook.with_suffix(".toml")
    try:
        imported = import_xlsform(workbook, form=form)
    except (QuestionnaireError, WorkbookError) as refused:
        refuse(refused.faults, as_json=as_json, lang=lang)
    if out.exists():
        raise click.BadParameter(f"{out}: 文件已存在 / the file exists", param_hint="--out")
    out.write_text(toml_of(imported.document), encoding="utf-8")
    losses = [loss.message(lang) for loss in imported.losses]
    if not as_json:
        click.echo(str(out))
        for loss in losses:
            click.echo(loss, err=True)
    read = _load(out, as_json=as_json, lang=lang)
    if as_json:
        print_json({"file": str(out), "losses": losses, **summary(read)})


@questionnaire.command()
@click.argument("file", type=_EXISTING)
@click.argument("workbook", type=_NEW)
@_JSON
@_LANGUAGE
def export(file: Path, workbook: Path, *, as_json: bool, lang: str) -> None:
    """导出为 XLSForm 表格 / write FILE as an XLSForm workbook."""
    from survey_app.surveys.authoring.xlsform_export import write_xlsform

    read = _load(file, as_json=as_json, lang=lang)
    if workbook.exists():
        raise click.BadParameter(f"{workbook}: 文件已存在 / the file exists", param_hint="WORKBOOK")
    workbook.write_bytes(write_xlsform(read))
    if as_json:
        print_json({"file": str(workbook), **summary(read)})
    else:
        click.echo(str(workbook))


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
