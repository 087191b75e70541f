"""Visible checks: neural_net."""
