PRAGMA application_id = 1885631086;
PRAGMA user_version = 1;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE specs (
    id INTEGER PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    spec TEXT NOT NULL
  );
INSERT INTO specs VALUES(1,'226a87af2562c7ce3ca2045f9df52645382078b85425bde9418f4a23af8db7d0','{"name":"digest","version":"1.0","triggers":[],"inputs":{},"services":{},"nodes":[],"edges":[],"config":{"execution":"staged","maxOutputBytes":1024,"values":{"deep":[1]}}}');
CREATE TABLE owners (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    owner_id TEXT NOT NULL UNIQUE,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    started_at INTEGER NOT NULL
  );
INSERT INTO owners VALUES(1,'engine-1','laptop',4000001,7);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id TEXT NOT NULL UNIQUE,
    workflow TEXT NOT NULL,
    version TEXT NOT NULL,
    workflow_key TEXT NOT NULL,
    spec INTEGER NOT NULL,
    status TEXT NOT NULL,
    partition TEXT,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    completed_at INTEGER,
    start_after INTEGER,
    error TEXT,
    cancel_requested INTEGER NOT NULL DEFAULT 0,
    owner INTEGER,
    token INTEGER NOT NULL,
    last_seq INTEGER NOT NULL DEFAULT 0
  );
INSERT INTO runs VALUES(1,'01a0c4a0-e800-7000-8000-000000000001','digest','1.0','/srv/digest',1,'succeeded',NULL,1790000000000,1790000000000,1790000000010,NULL,NULL,0,NULL,1,3);
INSERT INTO runs VALUES(2,'01a0c4a0-e800-7000-8000-000000000002','digest','1.0','/srv/digest',1,'running',NULL,1790000000001,1790000000001,NULL,NULL,NULL,0,1,1,2);
INSERT INTO runs VALUES(3,'01a0c4a0-e800-7000-8000-000000000003','digest','1.0','/srv/digest',1,'queued','"berlin"',1790000000002,NULL,NULL,1790000000009,NULL,0,1,1,0);
CREATE TABLE run_values (
    run INTEGER PRIMARY KEY,
    trigger TEXT NOT NULL,
    input TEXT NOT NULL
  );
INSERT INTO run_values VALUES(1,'{"type":"manual"}','{"topic":"deno"}');
INSERT INTO run_values VALUES(2,'{"type":"cron","name":"daily"}','{"topic":"deno"}');
INSERT INTO run_values VALUES(3,'{"type":"manual"}','{"topic":"deno"}');
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (run, seq)
  );
INSERT INTO events VALUES(1,1,1,1790000000001,'{"kind":"run.started","workflow":"digest","version":"1.0","input":{"topic":"Grüße 🦕"},"trigger":null}');
INSERT INTO events VALUES(2,1,2,1790000000002,'{"kind":"log","node":"a","attempt":1,"level":"info","message":"né","fields":{"n":1}}');
INSERT INTO events VALUES(3,1,3,1790000000003,'{"kind":"run.succeeded","durationMs":1}');
INSERT INTO events VALUES(4,2,1,1790000000001,'{"kind":"node.skipped","node":"n0"}');
INSERT INTO events VALUES(5,2,2,1790000000002,'{"kind":"node.skipped","node":"n1"}');
CREATE TABLE trash (run INTEGER PRIMARY KEY);
CREATE TABLE idempotency_keys (
    workflow_key TEXT NOT NULL,
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT,
    run_id TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (workflow_key, scope, key)
  );
INSERT INTO idempotency_keys VALUES('/srv/digest','"http"','"k1"','"f"','01a0c4a0-e800-7000-8000-000000000001',1790000001000);
CREATE TABLE trigger_states (
    workflow_key TEXT NOT NULL,
    trigger TEXT NOT NULL,
    value TEXT NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (workflow_key, trigger)
  );
INSERT INTO trigger_states VALUES('/srv/digest','daily','{"scheduledAt":1790000000000}',1);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('owners',1);
INSERT INTO sqlite_sequence VALUES('runs',3);
CREATE INDEX runs_by_status ON runs (status, created_at, run_id);
CREATE INDEX runs_by_key ON runs (workflow_key, status, created_at, run_id);
CREATE INDEX runs_by_workflow ON runs (workflow, status, created_at, run_id);
CREATE INDEX runs_by_spec ON runs (spec);
CREATE INDEX runs_by_owner ON runs (owner) WHERE owner IS NOT NULL;
CREATE INDEX runs_by_end ON runs (completed_at) WHERE completed_at IS NOT NULL;
CREATE INDEX runs_by_key_end ON runs (workflow_key, completed_at) WHERE completed_at IS NOT NULL;
CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);
COMMIT;
