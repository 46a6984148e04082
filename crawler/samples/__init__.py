"""Small pages of our own in every format, served by `paperlark demo` and read by the tests."""
