"""How passwords are kept: the tests themselves hash at a token cost, the product must not."""

from survey_app.accounts import passwords
from tests.thrift import REAL_HASHER


def test_a_password_costs_a_thief_what_owasp_asks_for(monkeypatch):
    monkeypatch.setattr(passwords, "_HASHER", REAL_HASHER)
    _, kind, version, costs, _, _ = passwords.hashed("安静的-river-茶杯").split("$")
    memory, passes, _ = (int(each.partition("=")[2]) for each in costs.split(","))
    assert (kind, version) == ("argon2id", "v=19")
    assert memory >= 19 * 1024
    assert passes >= 2
