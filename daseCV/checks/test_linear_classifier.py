"""Visible checks: linear_classifier."""
