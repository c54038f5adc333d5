-- State folded from the log by Projection, in the transaction of the events. May be dropped and folded again at any
-- time. Whoever changes this file or the fold raises k_derived_version (schema.hpp): the next start folds again.

CREATE TABLE runs (
  number          INTEGER PRIMARY KEY,
  run_id          TEXT NOT NULL UNIQUE,
  status          INTEGER NOT NULL,           -- RunStatus
  created_at      INTEGER NOT NULL,
  started_at      INTEGER NOT NULL DEFAULT 0, -- 0: not yet
  ended_at        INTEGER NOT NULL DEFAULT 0,
  selection       TEXT NOT NULL,
  tags            TEXT NOT NULL,
  request_hash    TEXT NOT NULL,
  message         TEXT NOT NULL DEFAULT '',
  created_event   INTEGER NOT NULL,
  steps_total     INTEGER NOT NULL,
  steps_succeeded INTEGER NOT NULL DEFAULT 0, -- counted along, so that a list of runs reads no steps
  steps_failed    INTEGER NOT NULL DEFAULT 0,
  steps_ended     INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX runs_by_status ON runs (status);

CREATE TABLE steps (
  run           INTEGER NOT NULL,
  step          INTEGER NOT NULL,             -- index in the run's plan
  step_key      INTEGER NOT NULL,             -- names.id
  asset         INTEGER NOT NULL,             -- names.id, 0: none
  partition     INTEGER NOT NULL,             -- names.id, 0: none
  code_location INTEGER NOT NULL,             -- names.id, 0: none
  status        INTEGER NOT NULL,             -- StepStatus
  attempt       INTEGER NOT NULL DEFAULT 0,
  missing       INTEGER NOT NULL,             -- upstream steps not yet successful
  started_at    INTEGER NOT NULL DEFAULT 0,   -- of the latest attempt
  ended_at      INTEGER NOT NULL DEFAULT 0,
  error         TEXT NOT NULL DEFAULT '',     -- JSON object
  retry_at      INTEGER NOT NULL DEFAULT 0,   -- while it is retrying: when the next attempt may begin
  PRIMARY KEY (run, step)
) STRICT, WITHOUT ROWID;
CREATE INDEX steps_by_asset ON steps (asset, run);

-- Which steps a step sets free; only of unfinished runs.
CREATE TABLE step_edges (
  run        INTEGER NOT NULL,
  upstream   INTEGER NOT NULL,
  downstream INTEGER NOT NULL,
  PRIMARY KEY (run, upstream, downstream)
) STRICT, WITHOUT ROWID;

-- Where an attempt's output lies: a range of each of its worker's three files.
CREATE TABLE attempts (
  run          INTEGER NOT NULL,
  step         INTEGER NOT NULL,
  attempt      INTEGER NOT NULL,
  worker       INTEGER NOT NULL,
  stdout_begin INTEGER NOT NULL,
  stderr_begin INTEGER NOT NULL,
  log_begin    INTEGER NOT NULL,
  stdout_end   INTEGER NOT NULL DEFAULT -1,   -- -1: still open
  stderr_end   INTEGER NOT NULL DEFAULT -1,
  log_end      INTEGER NOT NULL DEFAULT -1,
  PRIMARY KEY (run, step, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE assets (
  asset           INTEGER PRIMARY KEY,        -- names.id
  materialization INTEGER NOT NULL DEFAULT 0, -- event id of the latest, 0: never
  last_run        INTEGER NOT NULL DEFAULT 0, -- run of the latest attempt to make it, 0: none
  last_step       INTEGER NOT NULL DEFAULT 0  -- StepStatus of that step
) STRICT;

-- The latest materialization of each asset and partition.
CREATE TABLE latest (
  asset     INTEGER NOT NULL,
  partition INTEGER NOT NULL,                 -- names.id, 0: none
  event     INTEGER NOT NULL,
  PRIMARY KEY (asset, partition)
) STRICT, WITHOUT ROWID;
