import { loadSecret, type Scope, signToken } from "../../engine/auth/mod.ts";
import { parseDuration } from "../../engine/units/mod.ts";
import type { Cli } from "../cli.ts";
import { UsageError } from "../usage_error.ts";

/** What `pd token create` was asked. */
export interface CreateTokenRequest {
  readonly subject: string;
  readonly scope: Scope | undefined;
  readonly workflows: readonly string[] | undefined;
  readonly ttl: string;
  readonly config: string | undefined;
  readonly jwtSecret: string | undefined;
}

const DAY_MS = 24 * 3_600_000;
/** Beyond that a token is as good as a password that nobody changes. */
const MAX_TTL_MS = 3650 * DAY_MS;

/** Prints a token. */
export async function createToken(cli: Cli, request: CreateTokenRequest): Promise<void> {
  const { subject, workflows } = request;
  if (request.scope === "admin" && workflows !== undefined) {
    throw new UsageError(
      "Cannot use --workflow with --scope admin as an admin may do everything with all of them",
      "pd token create --scope run --workflow NAME",
    );
  }
  const scope = request.scope ?? (workflows === undefined ? "admin" : "run");
  const ttlMs = readTtl(request.ttl);
  const { secret, place, isNew, warnings } = await loadSecret({
    cwd: cli.io.cwd,
    env: cli.io.env,
    flag: request.jwtSecret,
    config: request.config,
  });
  for (const warning of warnings) cli.out.warn(`warning ${warning}`);
  if (isNew) cli.out.note(`made a new secret in ${place}: a server has to use that file too`);
  const now = Date.now();
  const token = await signToken(secret, { subject, scope, workflows, ttlMs }, now);
  cli.out.result(`${token}\n`, {
    token,
    subject,
    scope,
    workflows: workflows ?? null,
    expiresAt: new Date(now + ttlMs).toISOString(),
  });
}

/** A duration, or days: `30d`. */
function readTtl(text: string): number {
  const days = /^(\d+)d$/.exec(text)?.[1];
  const ms = days === undefined ? parseDuration(text) : Number(days) * DAY_MS;
  if (ms !== undefined && ms >= 1000 && ms <= MAX_TTL_MS) return ms;
  throw new UsageError(
    `Cannot use --ttl "${text}" as it is a duration from 1s to 3650d`,
    "--ttl 24h",
  );
}
