"""Visible checks: softmax."""
