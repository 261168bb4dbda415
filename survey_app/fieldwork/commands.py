"""Commands of the room: the draw of a certificate, done again."""

from pathlib import Path

import click

from survey_app.errors import RefusedInputError
from survey_app.fieldwork.replaying import replay_files
from survey_app.printing import print_json, refuse

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
