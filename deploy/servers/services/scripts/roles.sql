-- Run on each start of the cluster in charge: what is there stays. A standby may be away, so nothing here waits for it.
SET synchronous_commit = local;
-- A statement that fails must not be logged: there are passwords in it.
SET log_min_error_statement = panic;
SELECT 'CREATE ROLE ' || name || ' LOGIN' FROM unnest(ARRAY['certificates', 'replication']) AS name
    WHERE name NOT IN (SELECT rolname FROM pg_roles) \gexec
ALTER ROLE certificates PASSWORD '{{secret certificates.application}}';
ALTER ROLE replication REPLICATION PASSWORD '{{secret certificates.replication}}';
SELECT 'CREATE DATABASE certificates' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'certificates') \gexec
\connect certificates
SET synchronous_commit = local;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE TABLE IF NOT EXISTS certificate (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    issued_at timestamptz NOT NULL DEFAULT now(),
    server text NOT NULL DEFAULT current_setting('cluster_name')
);
GRANT USAGE ON SCHEMA public TO certificates;
GRANT SELECT, INSERT (name) ON certificate TO certificates;
