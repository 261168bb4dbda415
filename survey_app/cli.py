"""The ``junheng`` command: every room's commands, each loaded only when it is called."""

import importlib
import importlib.metadata
import tomllib
from pathlib import Path
from typing import Any

import click

#: Command -> where it lives. Listed in the order of the path.
COMMANDS = {
    "demo": "survey_app.serving:demo",
    "serve": "survey_app.serving:serve",
    "work": "survey_app.serving:work",
    "plan": "survey_app.surveys.commands:plan",
    "questionnaire": "survey_app.surveys.authoring.commands:questionnaire",
    "frame": "survey_app.fieldwork.commands:frame",
    "replay": "survey_app.fieldwork.commands:replay",
    "evaluate": "survey_app.assessments.commands:evaluate",
    "verify": "survey_app.assessments.verify_command:verify",
    "remedies": "survey_app.assessments.remedy_commands:remedies",
    "schemes": "survey_app.assessments.commands:schemes",
    "schedules": "survey_app.assessments.commands:schedules",
    "template": "survey_app.counties.commands:template",
    "convert": "survey_app.counties.commands:convert",
    "estimate": "survey_app.results.commands:estimate",
    "archive": "survey_app.results.commands:archive",
    "users": "survey_app.accounts.commands:users",
    "database": "survey_app.upkeep:database",
    "doctor": "survey_app.upkeep:doctor",
}


class PathGroup(click.Group):
    """A group whose commands are imported when first needed, so that each starts quickly."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, in the order of the path."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of *cmd_name* and give its command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        return getattr(importlib.import_module(module), attribute)


def version() -> str:
    """The version as installed; in a working tree, where nothing is installed, as its project file says."""
    try:
        return importlib.metadata.version("junheng")
    except importlib.metadata.PackageNotFoundError:
        project = Path(__file__).resolve().parents[1] / "pyproject.toml"
        return tomllib.loads(project.read_text("utf-8"))["project"]["version"]


def _say_version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"junheng {version()}")
        ctx.exit()


@click.group(cls=PathGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_say_version,
    help="显示版本 / show the version and exit",
)
def main(**_: Any) -> None:
    """均衡：从抽样到认定 — survey and evaluation of balanced compulsory education."""
