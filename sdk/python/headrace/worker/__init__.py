"""A worker: takes steps from its socket, runs them, and tells of them in its journal (core/protocol/README.md, 3 and 4)."""
