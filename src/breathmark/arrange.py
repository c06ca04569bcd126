"""The length solver."""
