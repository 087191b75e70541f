"""Visible checks: layers_conv."""
