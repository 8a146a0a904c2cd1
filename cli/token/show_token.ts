import {
  createVerifier,
  loadSecret,
  type Principal,
  TokenError,
  type TokenProblem,
} from "../../engine/auth/mod.ts";
import { systemClock } from "../../engine/clock/mod.ts";
import type { JsonObject } from "../../engine/json/mod.ts";
import type { Cli } from "../cli.ts";
import { printable } from "../terminal/mod.ts";

/** What `pd token show` was asked. */
export interface ShowTokenRequest {
  /** The token, or `-`. */
  readonly token: string;
  readonly config: string | undefined;
  readonly jwtSecret: string | undefined;
}

/** Prints what a token says, whether or not it counts; the exit code is 1 when it does not. */
export async function showToken(cli: Cli, request: ShowTokenRequest): Promise<void> {
  const { io, out } = cli;
  const token = (request.token === "-" ? await io.stdin.text() : request.token).trim();
  const { secret } = await loadSecret({
    cwd: io.cwd,
    env: io.env,
    flag: request.jwtSecret,
    config: request.config,
  });
  const checked = await check(token, secret);
  const isValid = typeof checked !== "string";
  const claims = readClaims(token);
  const lines = [
    isValid
      ? `it counts: ${describe(checked)}`
      : `it does not count: ${checked}${
        claims === undefined ? ", and cannot be read" : ". It says:"
      }`,
    ...Object.entries(claims ?? {}).map(([name, value]) =>
      `  ${name.padEnd(9)} ${shown(name, value)}`
    ),
  ];
  out.result(printable(lines.join("\n")), {
    valid: isValid,
    problem: isValid ? null : checked,
    scope: isValid ? checked.scope : null,
    claims: claims ?? null,
  });
  if (!isValid) cli.exitCode = 1;
}

async function check(token: string, secret: string): Promise<Principal | TokenProblem> {
  try {
    return await createVerifier({ secret, clock: systemClock }).verify(token);
  } catch (error) {
    if (error instanceof TokenError) return error.problem;
    throw error;
  }
}

function describe({ scope, workflows }: Principal): string {
  return workflows === undefined || scope === "admin"
    ? `${scope}, for all workflows`
    : `${scope}, for ${workflows.join(", ") || "no workflow"}`;
}

/** What it says, unchecked. */
function readClaims(token: string): JsonObject | undefined {
  try {
    const bytes = Uint8Array.fromBase64(token.split(".")[1] ?? "", { alphabet: "base64url" });
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof claims === "object" && claims !== null && !Array.isArray(claims)
      ? claims as JsonObject
      : undefined;
  } catch {
    return undefined;
  }
}

function shown(name: string, value: unknown): string {
  if (typeof value !== "number" || !["exp", "nbf", "iat"].includes(name)) {
    return JSON.stringify(value);
  }
  const at = new Date(value * 1000);
  return Number.isNaN(at.getTime()) ? String(value) : at.toISOString();
}
