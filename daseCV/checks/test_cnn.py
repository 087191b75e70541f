"""Visible checks: cnn."""
