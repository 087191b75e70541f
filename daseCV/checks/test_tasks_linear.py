"""Visible checks: tasks_linear."""
