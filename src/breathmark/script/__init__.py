"""The script language: YAML text to a Script, with every fault at its place."""
