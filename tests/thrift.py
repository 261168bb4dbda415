"""What applications of one test run share, so that a fresh one for every test costs little.

Nothing here changes what an application does: a template is compiled once instead of once per application,
the builder of an address when the first such address is built, and passwords are hashed at a token cost.
"""

from collections.abc import Callable
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

from survey_app import Application
from survey_app.accounts import passwords

#: What passwords are hashed with outside tests.
REAL_HASHER = passwords._HASHER


class _Memory(BytecodeCache):
    """Compiled templates by name and path; a source that changed is told by its checksum."""

    def __init__(self):
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


def _put_off(compile_builder: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a rule's builder when it is first called: most rules of most applications never are."""

    def compile_later(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
        made: list[Callable[..., Any]] = []

        def build(self: Any, **values: Any) -> Any:
            if not made:
                made.append(compile_builder(rule, append_unknown))
            return made[0](self, **values)

        return build

    return compile_later


def be_thrifty() -> None:
    """Share for the rest of this process what applications may share."""
    Application.jinja_options = {**Flask.jinja_options, "bytecode_cache": _Memory()}
    Rule._compile_builder = _put_off(Rule._compile_builder)
    passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
