"""Shared infrastructure: errors, files that appear whole, plug-ins by name, interrupts, times as text."""
