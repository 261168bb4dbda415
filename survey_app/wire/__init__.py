"""Statements performed by the driver itself, for the few requests that every phone makes.

What SQLAlchemy lays around a statement (its context and events, rows that know their names, a session with
its transaction) costs ten times what the database does for a phone. The statements of a phone never change:
each is written with SQLAlchemy, compiled once, and performed on a connection of its pool. A request in which
something is unusual goes SQLAlchemy's way, within its session; `row` and `perform` know both, so what a deed
does is written once.
"""
