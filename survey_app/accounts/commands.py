"""``junheng users``: accounts from the command line, the first administrator among them."""

import sys

import click

from survey_app import clock, create_app, migrating
from survey_app.accounts import service
from survey_app.accounts.models import User
from survey_app.accounts.roles import LABELS
from survey_app.db import db
from survey_app.errors import ConflictError
from survey_app.messages import sentence
from survey_app.security import ROLES

#: Who the audit trail names for what is done here.
_BY = "junheng users"


@click.group()
def users() -> None:
    """People who sign in: add and list accounts."""


@users.command()
@click.argument("login")
@click.option("--name", required=True, help="The person's name, shown beside what they do.")
@click.option(
    "--appoint",
    "appointments",
    metavar="ROLE:REGION",
    multiple=True,
    required=True,
    help=f"A role and the six-digit code of its region; repeat for more. Roles: {', '.join(ROLES)}.",
)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, one line.")
def add(login: str, name: str, appointments: tuple[str, ...], *, password_stdin: bool) -> None:
    r"""Add an account. The password is asked for, never given as an argument.

    \b
    junheng users add admin --name 王敏 --appoint administrator:000000
    junheng users add zhang --name 张华 --appoint county:140522 --appoint assessor:140500
    """
    pairs = [_pair(each) for each in appointments]
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("密码", hide_input=True, confirmation_prompt="再输入一次")
    with create_app().app_context():
        _require_database()
        try:
            user = service.add_user(
                db.session,
                login=login,
                name=name,
                password=password,
                appointments=pairs,
                by=_BY,
                now=clock.now(),
            )
        except (*service.UNFIT, ConflictError) as error:
            raise click.ClickException(sentence(error.code, **error.facts)) from error
        db.session.commit()
        click.echo(f"已添加账号 {user.login}（{user.name}）：{_held(user)}")


@users.command(name="list")
def list_users() -> None:
    """List all accounts with their roles and regions."""
    with create_app().app_context():
        _require_database()
        for user in service.all_users(db.session):
            state = "" if user.active else "（已停用）"
            click.echo(f"{user.login}\t{user.name}{state}\t{_held(user)}")


def _pair(text: str) -> tuple[str, str]:
    role, colon, region = text.partition(":")
    if not (colon and role and region):
        raise click.BadParameter(sentence("unfit_appointment", value=text), param_hint="--appoint")
    return role, region


def _held(user: User) -> str:
    return "；".join(f"{each.region.name} · {LABELS[each.role]}" for each in user.appointments)


def _require_database() -> None:
    if migrating.current(db.engine) != migrating.newest():
        raise click.ClickException(sentence("no_database"))
