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
from survey_app.security import ROLES, Held

#: Who the audit trail names for what is done here.
_BY = "junheng users"


@click.group()
def users() -> None:
    """账号：添加和列出 / people who sign in: add and list accounts."""


@users.command()
@click.argument("login")
@click.option("--name", required=True, help="姓名，显示在操作记录旁 / the person's name")
@click.option(
    "--appoint",
    "appointments",
    metavar="ROLE:REGION[:SCHOOL]",
    multiple=True,
    required=True,
    help=f"角色和地区的六位代码，可重复 / a role and its region; may repeat. Roles: {', '.join(ROLES)}.",
)
@click.option("--password-stdin", is_flag=True, help="从标准输入读密码 / read the password from stdin")
def add(login: str, name: str, appointments: tuple[str, ...], *, password_stdin: bool) -> None:
    """添加账号，密码另行询问 / add an account; its password is asked for, never given as an argument.

    \b
    junheng users add admin --name 王敏 --appoint administrator:000000
    junheng users add zhang --name 张华 --appoint county:140522 --appoint assessor:140500
    junheng users add chen --name 陈静 --appoint school:140522:S001
    """  # noqa: D301  \b is meant: it keeps the lines as they are
    held = [_appointment(each) for each in appointments]
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
                appointments=held,
                by=_BY,
                now=clock.now(),
            )
        except (*service.UNFIT, ConflictError) as error:
            raise click.ClickException(sentence(error.code, **error.facts)) from error
        db.session.commit()
        click.echo(f"已添加账号 {user.login}（{user.name}）：{_held(user)}")


@users.command(name="list")
def list_users() -> None:
    """列出全部账号、角色和地区 / list all accounts with their roles and regions."""
    with create_app().app_context():
        _require_database()
        accounts = service.all_users(db.session)
        if not accounts:
            click.echo("还没有账号。请用 junheng users add 添加第一位系统管理员（administrator:000000）。")
        for user in accounts:
            state = "" if user.active else "（已停用）"
            click.echo(f"{user.login}\t{user.name}{state}\t{_held(user)}")


def _appointment(text: str) -> Held:
    parts = text.split(":")
    if len(parts) not in {2, 3} or not all(parts):
        raise click.BadParameter(sentence("unfit_appointment", value=text), param_hint="--appoint")
    return Held(*parts)


def _held(user: User) -> str:
    return "；".join(
        f"{each.region.name}{each.school_code and f' {each.school_code}'} · {LABELS[each.role]}"
        for each in user.appointments
    )


def _require_database() -> None:
    if migrating.current(db.engine) != migrating.newest():
        raise click.ClickException(sentence("no_database"))
