"""The host of a Python code location: `python -m headrace.host (-m MODULE | -f FILE)`.

The daemon starts it. It imports the user's code once, describes it, and forks workers (core/protocol/README.md,
section 2). It runs no user code besides that import. With `HEADRACE_ROLE=worker` the same command is a spawned
worker: it loads the code itself and runs steps (section 3).
"""
