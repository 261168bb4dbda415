"""Evaluation runs: scheme and figures in, findings, verdict and report out."""
