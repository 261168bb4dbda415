"""Commands of the room: the draw of a certificate, done again; lists for a frame, checked offline."""

from pathlib import Path
from typing import Any, NoReturn

import click

from survey_app.counties.workbook.faults import Fault
from survey_app.errors import RefusedInputError
from survey_app.fieldwork.draws.replaying import replay_files
from survey_app.fieldwork.frames import offline
from survey_app.fieldwork.frames.lists.reading import UnfitListError
from survey_app.fieldwork.frames.lists.shape import CONTACTS, LISTS
from survey_app.messages import sentence
from survey_app.printing import placed, print_json, refuse

#: So many faults are printed as sentences; the rest is counted.
_MOST_SHOWN = 100

_INPUT = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("certificate", type=_INPUT, metavar="CERTIFICATE")
@click.option(
    "--frame", type=_INPUT, metavar="F", help="抽样框；省略时取凭证旁的一份 / frame; else the one beside"
)
@click.option(
    "--commitment", metavar="SHA256", help="事先公布的种子承诺 / digest of the seed as published before"
)
@click.option(
    "--replacements",
    type=_INPUT,
    metavar="R",
    help="更换记录，逐条核对 / record of replacements, to be checked",
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print one JSON document")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def replay(
    certificate: Path,
    frame: Path | None,
    commitment: str | None,
    replacements: Path | None,
    as_json: bool,
    lang: str,
) -> None:
    """按抽样凭证重抽，核对结果 / draw again what a certificate states, and compare."""
    try:
        replayed = replay_files(certificate, frame, commitment=commitment, replacements=replacements)
    except RefusedInputError as refused:
        refuse(refused.faults, as_json=as_json, lang=lang, places=False)
    if as_json:
        print_json(replayed.document())
        return
    for text in replayed.lines():
        click.echo(text.in_language(lang))


@click.group()
def frame() -> None:
    """抽样框名册：空白模板、离线检查 / lists for the sampling frame: a template, and a check offline."""


@frame.command()
@click.argument("file", type=_INPUT, metavar="FILE")
@click.option("--county", type=_INPUT, metavar="COUNTY", help="县情文件，用来核对学校和人数 / county file")
@click.option(
    "--contacts", is_flag=True, help="检查的是联系方式 / the file holds contacts, not counted lists"
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print one JSON document")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def check(file: Path, county: Path | None, contacts: bool, as_json: bool, lang: str) -> None:
    """检查名册文件，列出全部问题 / check a file of lists and name everything that is wrong."""
    try:
        register = offline.read_register(county) if county is not None else None
        found = offline.check(file, register, contacts=contacts)
    except UnfitListError as unfit:
        said = sentence(unfit.code, lang=lang, **unfit.facts)
        if as_json:
            print_json({"faults": [{"where": "", "value": file.name, "rule": unfit.code, "message": said}]})
        else:
            click.echo(said, err=True)
        raise SystemExit(1) from unfit
    except RefusedInputError as refused:
        _refuse(refused.faults, as_json=as_json, lang=lang)
    if as_json:
        print_json(found.document())
        return
    for text in found.lines():
        click.echo(text.in_language(lang))


@frame.command("template")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="F.{xlsx,csv}")
@click.option("--county", type=_INPUT, metavar="COUNTY", help="预填这份县情文件的学校 / fill in its schools")
@click.option("--contacts", is_flag=True, help="联系方式的模板 / the template of contacts")
def frame_template(file: Path, county: Path | None, contacts: bool) -> None:
    """写出空白或预填的名册模板 / write a template of lists, empty or with a county's schools."""
    if file.suffix.lower() not in (".xlsx", ".csv"):
        said = sentence("list_upload_kind", name=file.name)
        click.echo(said, err=True)
        raise SystemExit(1)
    if file.exists():
        refuse([Fault(value=str(file), rule="exists", facts={"path": str(file)})], as_json=False)
    try:
        register = offline.read_register(county) if county is not None else None
    except RefusedInputError as refused:
        _refuse(refused.faults, as_json=False, lang="zh")
    sheet = CONTACTS if contacts else LISTS
    content = offline.template(sheet, register, kind=file.suffix.lower())
    try:
        file.write_bytes(content)
    except OSError:
        refuse([Fault(value=str(file), rule="unwritable", facts={"path": str(file)})], as_json=False)
    click.echo(f"已写入 {file}")


def _refuse(faults: list[Any], *, as_json: bool, lang: str) -> NoReturn:
    """Print every fault as JSON, or the first hundred as sentences and how many more there are."""
    if as_json or len(faults) <= _MOST_SHOWN:
        refuse(faults, as_json=as_json, lang=lang)
    for fault in faults[:_MOST_SHOWN]:
        click.echo(placed(fault, lang), err=True)
    click.echo(sentence("evaluate_more", lang=lang, count=len(faults) - _MOST_SHOWN), err=True)
    raise SystemExit(1)
