"""Text fields as Jinja2 templates: what is allowed in them, and how they are filled in within bounds."""
