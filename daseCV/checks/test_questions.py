"""Visible checks: questions."""
