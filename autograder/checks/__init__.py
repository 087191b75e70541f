"""The hidden checks: one file per module of daseCV, and `tasks/` for notebook tasks."""
