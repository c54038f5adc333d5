-- A whole database as version 0.1.0 (schema 1) left it: two ended runs and one that a worker is running. Later versions must read it.
PRAGMA application_id = 1214534243;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE assets (
  asset           INTEGER PRIMARY KEY,        -- names.id
  materialization INTEGER NOT NULL DEFAULT 0, -- event id of the latest, 0: never
  last_run        INTEGER NOT NULL DEFAULT 0, -- run of the latest attempt to make it, 0: none
  last_step       INTEGER NOT NULL DEFAULT 0  -- StepStatus of that step
) STRICT;
INSERT INTO "assets" VALUES(2,7,3,2);
INSERT INTO "assets" VALUES(3,13,1,3);
INSERT INTO "assets" VALUES(4,0,1,4);
INSERT INTO "assets" VALUES(7,0,0,0);
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
INSERT INTO "attempts" VALUES(1,0,1,1,0,0,0,10,20,30);
INSERT INTO "attempts" VALUES(1,1,1,1,10,20,30,40,50,60);
INSERT INTO "attempts" VALUES(1,1,2,1,40,50,60,70,80,90);
INSERT INTO "attempts" VALUES(1,2,1,1,70,80,90,70,80,90);
INSERT INTO "attempts" VALUES(3,0,1,2,0,0,0,-1,-1,-1);
CREATE TABLE counters (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "counters" VALUES('derived_version',1);
INSERT INTO "counters" VALUES('last_run',3);
INSERT INTO "counters" VALUES('last_worker',2);
INSERT INTO "counters" VALUES('probe',0);
INSERT INTO "counters" VALUES('pruned_through',0);
CREATE TABLE definitions (
  hash TEXT PRIMARY KEY,
  json TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "definitions" VALUES('abc','{"assets":[],"resources":[]}');
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
INSERT INTO "events" VALUES(1,1,1,1767323045000000,NULL,NULL,NULL,NULL,NULL,'{"pid":4711,"version":"0.1.0"}');
INSERT INTO "events" VALUES(2,2,1,1767323045000001,NULL,NULL,NULL,NULL,NULL,'{"asset_count":3,"hash":"abc","language":"python","name":"my_module","resource_count":1,"worker_start":"fork","worker_start_reason":null}');
INSERT INTO "events" VALUES(3,10,1,1767323045000002,1,NULL,NULL,NULL,NULL,'{"code_locations":[{"hash":"abc","name":"my_module"}],"config":{},"request_hash":"hash-1","run_id":"run-1","selection":"*","steps":[{"asset_key":["s0"],"code_location":0,"io_manager_key":"io_manager","partition":null,"step_key":"s0","upstream":[]},{"asset_key":["s1"],"code_location":0,"io_manager_key":"io_manager","partition":null,"step_key":"s1","upstream":[0]},{"asset_key":["s2"],"code_location":0,"io_manager_key":"io_manager","partition":null,"step_key":"s2","upstream":[1]}],"tags":{"team":"a"}}');
INSERT INTO "events" VALUES(4,11,1,1767323045000003,1,NULL,NULL,NULL,NULL,'{}');
INSERT INTO "events" VALUES(5,20,1,1767323045000004,1,0,1,NULL,NULL,'{"offsets":[0,0,0],"worker":1}');
INSERT INTO "events" VALUES(6,21,1,1767323045000005,1,0,1,NULL,NULL,'{"inputs":[],"offsets":[0,0,0]}');
INSERT INTO "events" VALUES(7,22,1,1767323045000006,1,0,1,2,NULL,'{"asset_key":["s0"],"metadata":{"path":{"type":"path","value":"/data/s0"}},"stored":null}');
INSERT INTO "events" VALUES(8,25,1,1767323045000007,1,0,1,NULL,NULL,'{"error":null,"offsets":[10,20,30],"seconds":0.5,"status":"success","worker":1}');
INSERT INTO "events" VALUES(9,20,1,1767323045000008,1,1,1,NULL,NULL,'{"offsets":[10,20,30],"worker":1}');
INSERT INTO "events" VALUES(10,25,1,1767323045000009,1,1,1,NULL,NULL,'{"error":{"message":"bad row 17","type":"ValueError"},"offsets":[40,50,60],"seconds":0.5,"status":"failure","worker":1}');
INSERT INTO "events" VALUES(11,20,1,1767323045000010,1,1,2,NULL,NULL,'{"offsets":[40,50,60],"worker":1}');
INSERT INTO "events" VALUES(12,22,1,1767323045000011,1,1,2,3,5,'{"asset_key":["s1"],"metadata":{"path":{"type":"path","value":"/data/s1"}},"stored":null}');
INSERT INTO "events" VALUES(13,22,1,1767323045000012,1,1,2,3,6,'{"asset_key":["s1"],"metadata":{"path":{"type":"path","value":"/data/s1"}},"stored":null}');
INSERT INTO "events" VALUES(14,25,1,1767323045000013,1,1,2,NULL,NULL,'{"error":null,"offsets":[70,80,90],"seconds":0.5,"status":"success","worker":1}');
INSERT INTO "events" VALUES(15,20,1,1767323045000014,1,2,1,NULL,NULL,'{"offsets":[70,80,90],"worker":1}');
INSERT INTO "events" VALUES(16,23,1,1767323045000015,1,2,1,7,NULL,'{"asset_key":["outside","a/b"],"metadata":{},"offsets":[70,80,90],"partition":null}');
INSERT INTO "events" VALUES(17,25,1,1767323045000016,1,2,1,NULL,NULL,'{"error":{"type":"KeyError"},"offsets":[70,80,90],"seconds":0.5,"status":"failure","worker":1}');
INSERT INTO "events" VALUES(18,13,1,1767323045000017,1,NULL,NULL,NULL,NULL,'{"message":"The run ended.","status":"failure"}');
INSERT INTO "events" VALUES(19,10,1,1767323045000020,2,NULL,NULL,NULL,NULL,'{"code_locations":[{"hash":"abc","name":"my_module"}],"config":{},"request_hash":"hash-2","run_id":"run-2","selection":"*","steps":[{"asset_key":["s0"],"code_location":0,"io_manager_key":"io_manager","partition":null,"step_key":"s0","upstream":[]},{"asset_key":["s1"],"code_location":0,"io_manager_key":"io_manager","partition":null,"step_key":"s1","upstream":[0]}],"tags":{"team":"a"}}');
INSERT INTO "events" VALUES(20,12,1,1767323045000021,2,NULL,NULL,NULL,NULL,'{"by":"api"}');
INSERT INTO "events" VALUES(21,25,1,1767323045000022,2,0,NULL,NULL,NULL,'{"error":null,"offsets":[10,20,30],"seconds":0.5,"status":"canceled","worker":1}');
INSERT INTO "events" VALUES(22,25,1,1767323045000022,2,1,NULL,NULL,NULL,'{"error":null,"offsets":[10,20,30],"seconds":0.5,"status":"canceled","worker":1}');
INSERT INTO "events" VALUES(23,13,1,1767323045000023,2,NULL,NULL,NULL,NULL,'{"message":"The run ended.","status":"canceled"}');
INSERT INTO "events" VALUES(24,3,1,1767323045000024,NULL,NULL,NULL,NULL,NULL,'{"error":{"message":"x","type":"SyntaxError"},"name":"my_module"}');
INSERT INTO "events" VALUES(25,10,1,1767323045000030,3,NULL,NULL,NULL,NULL,'{"code_locations":[{"hash":"abc","name":"my_module"}],"config":{},"request_hash":"hash-3","run_id":"run-3","selection":"*","steps":[{"asset_key":["s0"],"code_location":0,"io_manager_key":"io_manager","partition":null,"step_key":"s0","upstream":[]}],"tags":{"team":"a"}}');
INSERT INTO "events" VALUES(26,20,1,1767323045000031,3,0,1,NULL,NULL,'{"offsets":[0,0,0],"worker":2}');
CREATE TABLE latest (
  asset     INTEGER NOT NULL,
  partition INTEGER NOT NULL,                 -- names.id, 0: none
  event     INTEGER NOT NULL,
  PRIMARY KEY (asset, partition)
) STRICT, WITHOUT ROWID;
INSERT INTO "latest" VALUES(2,0,7);
INSERT INTO "latest" VALUES(3,5,12);
INSERT INTO "latest" VALUES(3,6,13);
CREATE TABLE names (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO "names" VALUES(1,'my_module');
INSERT INTO "names" VALUES(2,'s0');
INSERT INTO "names" VALUES(3,'s1');
INSERT INTO "names" VALUES(4,'s2');
INSERT INTO "names" VALUES(5,'2026-01-01');
INSERT INTO "names" VALUES(6,'2026-01-02');
INSERT INTO "names" VALUES(7,'outside/a\/b');
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
INSERT INTO "runs" VALUES(1,'run-1',4,1767323045000002,1767323045000003,1767323045000017,'"*"','{"team":"a"}','hash-1','The run ended.',3,3,2,1,3);
INSERT INTO "runs" VALUES(2,'run-2',6,1767323045000020,0,1767323045000023,'"*"','{"team":"a"}','hash-2','The run ended.',19,2,0,0,2);
INSERT INTO "runs" VALUES(3,'run-3',0,1767323045000030,0,0,'"*"','{"team":"a"}','hash-3','',25,1,0,0,0);
CREATE TABLE step_edges (
  run        INTEGER NOT NULL,
  upstream   INTEGER NOT NULL,
  downstream INTEGER NOT NULL,
  PRIMARY KEY (run, upstream, downstream)
) STRICT, WITHOUT ROWID;
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
  PRIMARY KEY (run, step)
) STRICT, WITHOUT ROWID;
INSERT INTO "steps" VALUES(1,0,2,2,0,1,3,1,0,1767323045000004,1767323045000007,'');
INSERT INTO "steps" VALUES(1,1,3,3,0,1,3,2,0,1767323045000010,1767323045000013,'');
INSERT INTO "steps" VALUES(1,2,4,4,0,1,4,1,0,1767323045000014,1767323045000016,'{"type":"KeyError"}');
INSERT INTO "steps" VALUES(2,0,2,2,0,1,6,0,0,0,1767323045000022,'');
INSERT INTO "steps" VALUES(2,1,3,3,0,1,6,0,1,0,1767323045000022,'');
INSERT INTO "steps" VALUES(3,0,2,2,0,1,2,1,0,1767323045000031,0,'');
CREATE TABLE workers (
  worker_id      INTEGER PRIMARY KEY,
  run            INTEGER NOT NULL,
  code_location  TEXT NOT NULL,
  journal_offset INTEGER NOT NULL
) STRICT;
INSERT INTO "workers" VALUES(2,3,'my_module',100);
CREATE INDEX events_by_run ON events (run) WHERE run IS NOT NULL;
CREATE INDEX materializations_by_asset ON events (asset) WHERE kind = 22;
CREATE INDEX runs_by_status ON runs (status);
CREATE INDEX steps_by_asset ON steps (asset, run);
COMMIT;
