"""The parts of tests/bench/run. Python's standard library alone."""
