"""What applications of one test run share, so that a fresh one for every test costs little.

Nothing here changes what an application does: a template, an address and an SQL statement are compiled once
instead of once per application, a QR code is drawn once per text, and passwords are hashed at a token cost.
What a test finds ready is drawn once per frame and seed; what it draws itself is drawn anew.
"""

import gc
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

import sampling
from survey_app import Application, qr
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


def _once_per_address(compile_rule: Callable[[Rule], None]) -> Callable[[Rule], None]:
    """Compile a rule like one that was compiled before by taking over what came of that."""
    made: dict[Any, tuple[Any, ...]] = {}

    def compile_or_copy(rule: Rule) -> None:
        key = rule.rule, rule.merge_slashes, rule.subdomain, rule.host, rule.map.host_matching
        if key not in made:
            compile_rule(rule)
            made[key] = tuple(rule._parts), tuple(rule._trace), dict(rule._converters)
            return
        parts, trace, converters = made[key]
        rule._parts, rule._trace, rule._converters = list(parts), list(trace), dict(converters)
        rule.arguments.update(converters)
        rule._build = rule._compile_builder(False).__get__(rule, None)
        rule._build_unknown = rule._compile_builder(True).__get__(rule, None)

    return compile_or_copy


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


def _share_statements() -> None:
    """Let every engine of one kind of database use what another compiled.

    A compiled statement is found by its dialect, among others; those of one kind have the same driver and
    server throughout a run.
    """
    for kind in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        kind.__eq__ = lambda one, other: type(one) is type(other)
        kind.__hash__ = lambda one: hash(type(one))
    compiled = LRUCache(5000)
    sa.Engine._compiled_cache = property(lambda _engine: compiled, lambda _engine, _own: None)


_draw_sample = sampling.draw_sample


@lru_cache(maxsize=100)
def _drawn(
    frame: sampling.Frame, plan: tuple[sampling.GroupPlan, ...], seed: str, commitment: str | None
) -> sampling.Sample:
    return _draw_sample(frame, plan, seed=seed, commitment=commitment)


@contextmanager
def drawing_once() -> Generator[None]:
    """Within it, what was drawn before from the same frame by the same plan and seed is drawn already."""

    def draw(
        frame: sampling.Frame,
        plan: Sequence[sampling.GroupPlan],
        *,
        seed: str,
        commitment: str | None = None,
    ) -> sampling.Sample:
        return _drawn(frame, tuple(plan), seed, commitment)

    sampling.draw_sample = draw
    try:
        yield
    finally:
        sampling.draw_sample = _draw_sample


def keep_what_is_loaded() -> None:
    """Take what is loaded now for good: the collector of garbage need not look at all of it each time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 10)


def keep_nothing() -> None:
    """Let the interpreter clear up at its end."""
    gc.unfreeze()


def be_thrifty() -> None:
    """Share for the rest of this process what applications may share."""
    Application.jinja_options = {**Flask.jinja_options, "bytecode_cache": _Memory()}
    Rule._compile_builder = _put_off(Rule._compile_builder)
    Rule.compile = _once_per_address(Rule.compile)
    _share_statements()
    qr.picture = cache(qr.picture)
    passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
