"""The rules of kind and safe sessions, one file for each family."""
