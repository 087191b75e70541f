"""Visible checks: layers_norm."""
