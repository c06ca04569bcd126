"""A YAML file becomes a Document: read, composed with its places, validated, every fault in an author's words."""
