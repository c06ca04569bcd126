"""The text fields as Jinja2 templates: what may stand in them, and how they are filled in within bounds."""
