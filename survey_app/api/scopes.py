"""What a token may be made for: each scope opens operations, and needs a permission of its owner besides."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l

#: Scope -> the permission that its owner needs in the region of what is asked for.
SCOPES: dict[str, str] = {
    "counties:read": "county.view",
    "counties:write": "county.import",
    "plans:compute": "run.view",
    "waves:read": "wave.view",
    "results:read": "results.view",
    "runs:read": "run.view",
    "runs:write": "run.make",
    "applications:read": "run.view",
    "ledger:read": "supervision.view",
}

#: Scope -> what it lets a program do.
LABELS: dict[str, object] = {
    "counties:read": _l("读取县情数据"),
    "counties:write": _l("提交县情数据"),
    "plans:compute": _l("计算样本方案，按细则试评（不保存）"),
    "waves:read": _l("读取调查和进度"),
    "results:read": _l("读取已公布的调查结果"),
    "runs:read": _l("读取评估结果"),
    "runs:write": _l("用已存的县情数据生成评估结果"),
    "applications:read": _l("读取认定申请"),
    "ledger:read": _l("读取工作台账"),
}


def written(scopes: Iterable[str]) -> str:
    """Scopes as a token keeps them: each once, in the order of the table, a space between.

    >>> written(["runs:read", "counties:read", "runs:read"])
    'counties:read runs:read'
    """
    wanted = set(scopes)
    return " ".join(scope for scope in SCOPES if scope in wanted)
