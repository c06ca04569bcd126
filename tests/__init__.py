"""A package, so that every test can import `tests.profiles`."""
