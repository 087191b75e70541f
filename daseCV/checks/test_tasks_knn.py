"""Visible checks: tasks_knn."""
