"""Visible checks: k_nearest_neighbor."""
