"""The narrators that come with Breathmark, and what installs their voices."""
