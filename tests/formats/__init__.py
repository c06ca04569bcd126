"""The tests of the room ``deliver``; a package, so that they can share the sessions that they deliver."""
