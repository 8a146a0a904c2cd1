/**
 * Runs, their jobs and their logs as a pipeline service has them, for reports and other programs. JSON that
 * PostgreSQL cannot read (a NUL, half of a surrogate pair) shows the replacement character in its place.
 */
export function pipelineViews(schema: string): string {
  return `
    CREATE OR REPLACE FUNCTION ${schema}.readable(text) RETURNS json LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
      SELECT regexp_replace(
        $1, '(?<!\\\\)((?:\\\\\\\\)*)\\\\u(?:0000|d[89a-f][0-9a-f]{2})', '\\1\\\\ufffd', 'g'
      )::json
    $$;
    CREATE OR REPLACE VIEW ${schema}.pipeline_runs AS
      SELECT r.run_id AS id,
        t.value ->> 'repository' AS repo,
        r.workflow AS pipeline,
        t.value ->> 'commit' AS commit,
        ${statusOf("r.status")} AS status,
        to_timestamp(r.created_at / 1000.0) AS created_at,
        to_timestamp(r.started_at / 1000.0) AS started_at,
        to_timestamp(r.completed_at / 1000.0) AS ended_at,
        coalesce(
          nullif(t.value ->> 'user', ''), nullif(t.value ->> 'subject', ''), t.value ->> 'type'
        ) AS triggered_by
      FROM ${schema}.runs r
      CROSS JOIN LATERAL (SELECT ${schema}.readable(r.trigger) AS value) t;
    CREATE OR REPLACE VIEW ${schema}.jobs AS
      SELECT r.run_id || '.' || coalesce(n.node, e.node) AS id,
        r.run_id AS pipeline_run_id,
        coalesce(n.node, e.node) AS name,
        CASE e.last
          WHEN 'node.succeeded' THEN 'success'
          WHEN 'node.failed' THEN 'failed'
          WHEN 'node.cancelled' THEN 'cancelled'
          WHEN 'node.skipped' THEN 'skipped'
          ELSE CASE
            WHEN r.status IN ('succeeded', 'failed', 'cancelled') THEN
              CASE WHEN e.last IS NULL THEN 'skipped' ELSE 'cancelled' END
            WHEN e.last IS NULL THEN 'queued'
            ELSE 'running'
          END
        END AS status,
        to_timestamp(e.started / 1000.0) AS started_at,
        CASE WHEN e.last IN ('node.succeeded', 'node.failed', 'node.cancelled')
          THEN to_timestamp(e.last_at / 1000.0) END AS ended_at,
        CASE WHEN e.last = 'node.succeeded' THEN 0 WHEN e.last = 'node.failed' THEN e.exit_code END
          AS exit_code
      FROM ${schema}.runs r
      JOIN ${schema}.specs s ON s.hash = r.spec_hash
      CROSS JOIN LATERAL (
        SELECT json_array_elements(${schema}.readable(s.spec) -> 'nodes') ->> 'id' AS node
        UNION ALL SELECT NULL
      ) n
      LEFT JOIN LATERAL (
        SELECT v.node,
          (array_agg(v.kind ORDER BY v.seq DESC))[1] AS last,
          (array_agg(v.at ORDER BY v.seq DESC))[1] AS last_at,
          min(v.at) FILTER (WHERE v.kind = 'node.started') AS started,
          (array_agg(v.exit_code ORDER BY v.seq DESC))[1] AS exit_code
        FROM (
          SELECT seq,
            e.value ->> 'node' AS node,
            e.value ->> 'kind' AS kind,
            (e.value ->> 'at')::bigint AS at,
            (e.value -> 'error' ->> 'exitCode')::integer AS exit_code
          FROM ${schema}.events
          CROSS JOIN LATERAL (SELECT ${schema}.readable(event) AS value) e
          WHERE run_id = r.run_id AND event LIKE '%"kind":"node.%'
            AND e.value ->> 'kind' LIKE 'node.%'
        ) v
        WHERE v.node = n.node OR (n.node IS NULL AND v.node = 'on_error')
        GROUP BY v.node
      ) e ON true
      WHERE (n.node IS NOT NULL OR e.node IS NOT NULL)
        AND NOT (n.node IS NULL AND EXISTS (
          SELECT FROM json_array_elements(${schema}.readable(s.spec) -> 'nodes') o
          WHERE o ->> 'id' = 'on_error'
        ));
    CREATE OR REPLACE VIEW ${schema}.logs AS
      SELECT l.run_id || '.' || (e.value ->> 'node') AS job_id,
        l.run_id AS pipeline_run_id,
        l.seq,
        to_timestamp((e.value ->> 'at')::bigint / 1000.0) AS at,
        coalesce(
          e.value -> 'fields' ->> 'stream',
          CASE WHEN e.value ->> 'level' IN ('warn', 'error') THEN 'stderr' ELSE 'stdout' END
        ) AS stream,
        e.value ->> 'message' AS line
      FROM ${schema}.events l
      CROSS JOIN LATERAL (SELECT ${schema}.readable(l.event) AS value) e
      WHERE l.event LIKE '%"kind":"log"%' AND e.value ->> 'kind' = 'log';`;
}

function statusOf(column: string): string {
  return `CASE ${column} WHEN 'queued' THEN 'queued' WHEN 'succeeded' THEN 'success'
          WHEN 'failed' THEN 'failed' WHEN 'cancelled' THEN 'failed' ELSE 'running' END`;
}
