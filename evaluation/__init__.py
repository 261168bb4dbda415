"""Scheme and county file in, findings and verdict out."""
