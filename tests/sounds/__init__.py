"""The shipped sounds, judged by measuring them; a package, so that the tests can share the meter."""
