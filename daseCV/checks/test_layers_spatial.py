"""Visible checks: layers_spatial."""
