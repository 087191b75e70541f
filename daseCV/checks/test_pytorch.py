"""Visible checks: pytorch."""
