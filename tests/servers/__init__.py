"""Real servers on free loopback ports: for the tests, for `make demo` and for `make run`.

Every class is started with a classmethod `start(folder, ...)`, keeps its data and its log in that folder, is
a context manager that stops it, and never outlives the process that started it (reaper.py).
"""
