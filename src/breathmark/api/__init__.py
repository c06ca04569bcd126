"""The Python API: render, plan, check, verify, previews; what the command line calls."""
