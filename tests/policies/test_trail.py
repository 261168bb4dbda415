"""Every deed leaves a row in the audit trail, or stands below with the reason why it leaves none."""

import ast
import importlib
import inspect
from functools import cache
from types import FunctionType

import pytest

from survey_app import audit, create_app
from tests.conftest import dispose, make_settings

_CHANGING = {"POST", "PUT", "PATCH", "DELETE"}

_ANONYMOUS = "who answers, and when, is written down nowhere"
_NOTHING_KEPT = "it shows or computes, and keeps nothing"
_PREPARED = "the prepared file says who asked for it and when; "
_INTERVIEW = "the call has a row of its own; nothing leads from it to an answer"
_CALLS = "a call is a row of a table of its own that says who, when and what, and is never edited"

#: Routes without a row, and why.
EXCEPTIONS = {
    "api.evaluation": _NOTHING_KEPT,
    "api.plan": _NOTHING_KEPT,
    "dispatch.prepare": _PREPARED + "its download is recorded",
    "exports.prepare": _PREPARED + "its download is recorded",
    "interview.answer": _INTERVIEW,
    "interview.begin": _INTERVIEW,
    "ledger.plan_remedies": _PREPARED + "taking the plan's tasks over is recorded",
    "materials.prepare": _PREPARED + "the printing of cards is recorded when they are made",
    "packs.prepare": _PREPARED + "its download is recorded",
    "respond.answer": _ANONYMOUS,
    "respond.begin": _ANONYMOUS,
    "respond.find_code": _ANONYMOUS,
    "schedule.look_at_stored": _NOTHING_KEPT,
    "schedule.look_at_upload": _NOTHING_KEPT,
    "telephone.outcome": _CALLS,
    "telephone.take_up_next": "a case is only held for a while; opening its number is recorded",
}

#: Doors where a row would tell who answered.
_DOORS = {"respond", "interview"}


@pytest.fixture(scope="module")
def views(tmp_path_factory):
    """The views of all routes that change something, by endpoint."""
    app = create_app(make_settings(tmp_path_factory.mktemp("trail")))
    found = {
        rule.endpoint: inspect.unwrap(app.view_functions[rule.endpoint])
        for rule in app.url_map.iter_rules()
        if _CHANGING & (rule.methods or set())
    }
    yield found
    dispose(app)


@cache
def _module(name):
    """A module as it is imported, and the functions that its text defines."""
    module = importlib.import_module(name)
    tree = ast.parse(inspect.getsource(module))
    return module, {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@cache
def _named(function):
    """The product's functions that *function* calls or hands on, by the names in its text."""
    module, defined = _module(function.__module__)
    found = set()
    for node in ast.walk(defined[function.__name__]) if function.__name__ in defined else ():
        if isinstance(node, ast.Name):
            each = getattr(module, node.id, None)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner = getattr(module, node.value.id, None)
            each = getattr(owner, node.attr, None) if inspect.ismodule(owner) else None
        else:
            continue
        each = inspect.unwrap(each) if callable(each) else each
        if isinstance(each, FunctionType) and each.__module__.startswith("survey_app."):
            found.add(each)
    return found


def reaches(view, goal):
    """Whether *view* names *goal*, or a function that names it, and so on."""
    known, waiting = {view}, [view]
    while waiting:
        new = _named(waiting.pop()) - known
        known |= new
        waiting += new
    return goal in known


def test_every_deed_leaves_a_row_or_has_a_reason(views):
    silent = {name for name, view in views.items() if not reaches(view, audit.record)}
    assert len(views) > 100
    assert silent == set(EXCEPTIONS)


def test_nothing_that_an_answer_passes_through_can_write_a_row(views):
    doors = {name for name in views if name.split(".")[0] in _DOORS}
    assert {name.split(".")[0] for name in doors} == _DOORS
    assert [name for name in sorted(doors) if reaches(views[name], audit.record)] == []
    assert {EXCEPTIONS[name] for name in doors} == {_ANONYMOUS, _INTERVIEW}
