-- What cannot be derived from anything else. Later versions only add; stored events are never rewritten.

-- Every string that events repeat (asset keys, partitions, step keys, code locations), once. 0 stands for "none".
CREATE TABLE names (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

-- The log. Ids are dense when written and never reused (a prune leaves holes, see counters).
CREATE TABLE events (
  id        INTEGER PRIMARY KEY,
  kind      INTEGER NOT NULL,     -- EventKind
  version   INTEGER NOT NULL,     -- of this kind's payload
  time      INTEGER NOT NULL,     -- microseconds since 1970-01-01 UTC
  run       INTEGER,              -- run number; NULL: none
  step      INTEGER,              -- index in the run's plan; NULL: none
  attempt   INTEGER,              -- 1, 2, …; NULL: none
  asset     INTEGER,              -- names.id of the asset key; NULL: none
  partition INTEGER,              -- names.id; NULL: none
  payload   TEXT NOT NULL         -- a JSON object
) STRICT;

-- A run's page and its stream; the row id behind each entry gives the order.
CREATE INDEX events_by_run ON events (run) WHERE run IS NOT NULL;
-- An asset's history. 22 is EventKind::materialized.
CREATE INDEX materializations_by_asset ON events (asset) WHERE kind = 22;

-- How far each living worker's journal was read; written with the events that were read there, so each counts once.
CREATE TABLE workers (
  worker_id      INTEGER PRIMARY KEY,
  run            INTEGER NOT NULL,
  code_location  TEXT NOT NULL,
  journal_offset INTEGER NOT NULL
) STRICT;

-- Snapshots of code locations' definitions, once by hash.
CREATE TABLE definitions (
  hash TEXT PRIMARY KEY,
  json TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- last_run, last_worker: numbers given out, never again. pruned_through: the highest event id ever pruned.
-- derived_version: which derived.sql the derived tables were made with. probe: see Writer.
CREATE TABLE counters (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO counters VALUES ('last_run', 0), ('last_worker', 0), ('pruned_through', 0), ('derived_version', 0), ('probe', 0);
