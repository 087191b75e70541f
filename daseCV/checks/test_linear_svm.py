"""Visible checks: linear_svm."""
