"""Visible checks: fc_net_switches."""
