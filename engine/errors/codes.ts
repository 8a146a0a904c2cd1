/**
 * Every stable error code, in the order of `docs/reference/errors.md`. A test keeps the two in step.
 * Add the row there when you add a code here.
 */
export const ERROR_CODES = [
  // reading a workflow
  "WORKFLOW_NOT_FOUND",
  "WORKFLOW_INVALID",
  "WORKFLOW_TOO_LARGE",
  "YAML_SYNTAX",
  "YAML_DUPLICATE_KEY",
  "YAML_ALIAS",
  "SPEC_UNKNOWN_KEY",
  "SPEC_MISSING_KEY",
  "SPEC_TYPE",
  "SPEC_VALUE",
  "SPEC_NODE_KIND",
  "SPEC_NAME",
  "SPEC_DURATION",
  "SPEC_CRON",
  "SPEC_CONFLICT",
  // compiling it
  "DAG_CYCLE",
  "DAG_SELF_LOOP",
  "DAG_UNKNOWN_NODE",
  "DAG_DUPLICATE_EDGE",
  // loading its code
  "NODE_NOT_FOUND",
  "NODE_INVALID",
  "PATH_ESCAPE",
  "DEPENDENCY_UNAVAILABLE",
  "NOT_AVAILABLE",
  "SECRETS_INVALID",
  "SECRETS_NOT_FOUND",
  // running it
  "INPUT_INVALID",
  "NODE_FAILED",
  "NODE_TERMINAL",
  "NODE_RETRYABLE",
  "NODE_TIMEOUT",
  "NODE_MEMORY",
  "NODE_EXIT",
  "NODE_CRASHED",
  "NODE_LOST",
  "NODE_PROTOCOL",
  "NODE_OUTPUT_INVALID",
  "NODE_OUTPUT_TOO_LARGE",
  "NODE_CANCELLED",
  "PERMISSION_DENIED",
  "HOST_START_FAILED",
  "SERVICE_NAME",
  "SERVICE_PATH",
  "RUN_CANCELLED",
  "RUN_TIMEOUT",
  "RUN_NOT_FOUND",
  // the HTTP surface
  "BAD_REQUEST",
  "BODY_TOO_LARGE",
  "UNSUPPORTED_MEDIA_TYPE",
  "FORBIDDEN_ORIGIN",
  "NOT_FOUND",
  "METHOD_NOT_ALLOWED",
  "QUEUE_FULL",
  "DRAINING",
  "IDEMPOTENCY_CONFLICT",
  "RUN_GONE",
  "ADDRESS_IN_USE",
  // keeping runs
  "STORAGE_UNAVAILABLE",
  "STORAGE_DAMAGED",
  "STORAGE_TOO_NEW",
  "STORAGE_INVALID",
  "LEASE_LOST",
  // starting runs
  "TRIGGER_UNAVAILABLE",
  "WEBHOOK_UNVERIFIED",
  "WEBHOOK_REFUSED",
  // testing
  "FIXTURE_INVALID",
  "FIXTURE_MISSING",
  "RECORDING_MISSING",
  "RECORDING_INVALID",
  // the command line
  "USAGE",
  "TARGET_NOT_FOUND",
  "ALREADY_EXISTS",
  "FILE_REFUSED",
  "TOOL_MISSING",
  "INTERNAL",
] as const;

/** One of the stable error codes. */
export type ErrorCode = typeof ERROR_CODES[number];
