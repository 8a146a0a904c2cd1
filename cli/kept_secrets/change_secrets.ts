import { CodedError } from "../../engine/errors/mod.ts";
import {
  openSecretsBackend,
  readSecretFlag,
  type SecretsBackend,
  type SecretScope,
} from "../../engine/secrets/mod.ts";
import { didYouMean } from "../../engine/words/mod.ts";
import type { Cli } from "../cli.ts";
import { askSecret, renderTable } from "../terminal/mod.ts";
import { hintAt, UsageError } from "../usage_error.ts";

/** What `pd secret` was asked. */
export interface SecretRequest {
  readonly key: string;
  /** For whom; for all when undefined. */
  readonly pipeline: string | undefined;
  /** `--secrets`. */
  readonly address: string | undefined;
}

/** Sets a secret from standard input, a question or a file. */
export async function setSecret(cli: Cli, request: SecretRequest): Promise<void> {
  const { out } = cli;
  await using backend = await open(cli, request.address);
  const { key, value } = await readSecret(cli, request.key);
  if (value === "") {
    throw new CodedError(
      "SECRETS_INVALID",
      `Cannot set "${key}" as secrets have a value: it is empty`,
      {
        fix: `pd secret set ${key}=@file`,
      },
    );
  }
  await backend.set(scopeOf(request), key, value);
  out.result(`set ${key}${forWhom(request)}`, { key, pipeline: request.pipeline ?? null });
}

/** Prints names. */
export async function listSecrets(cli: Cli, request: Omit<SecretRequest, "key">): Promise<void> {
  const { out } = cli;
  await using backend = await open(cli, request.address);
  const { pipeline } = request;
  const secrets = (await backend.list()).filter(({ scope }) =>
    pipeline === undefined || scope === undefined || scope.pipeline === pipeline
  );
  if (secrets.length === 0) out.note("there are no secrets yet: pd secret set API_TOKEN");
  const rows = secrets.map(({ scope, key }) => [key, scope?.pipeline ?? "all pipelines"]);
  out.result(rows.length === 0 ? "" : renderTable(["KEY", "FOR"], rows, out.colors), {
    secrets: secrets.map(({ scope, key }) => ({ key, pipeline: scope?.pipeline ?? null })),
  });
}

/** Removes a secret. */
export async function removeSecret(cli: Cli, request: SecretRequest): Promise<void> {
  const { out } = cli;
  await using backend = await open(cli, request.address);
  if (!await backend.remove(scopeOf(request), request.key)) throw await notThere(request, backend);
  out.result(`removed ${request.key}${forWhom(request)}`, {
    key: request.key,
    pipeline: request.pipeline ?? null,
  });
}

async function open({ io }: Cli, address: string | undefined): Promise<SecretsBackend> {
  if (address === undefined || !address.includes("://")) {
    throw new UsageError(
      "Cannot open the secrets as they are kept where --secrets or PD_SECRETS says: " +
        (address === undefined ? "neither does" : "that is no address such as local://path"),
      "export PD_SECRETS=local://./secrets.pd PD_SECRETS_KEY=…",
    );
  }
  return await openSecretsBackend(address, { env: io.env, cwd: io.cwd });
}

async function readSecret(
  { io }: Cli,
  text: string,
): Promise<{ readonly key: string; readonly value: string }> {
  const equals = text.indexOf("=");
  if (equals >= 0 && text[equals + 1] === "@") return await readSecretFlag(text, io);
  if (equals >= 0) {
    const key = text.slice(0, equals);
    throw new UsageError(
      `Cannot set "${key}" from the command line as others see it: the value stands in it`,
      `pd secret set ${key}`,
    );
  }
  if (!io.stdin.isTerminal) {
    const value = await io.stdin.text();
    // `echo` ends it with a line end that nobody means; a key of several lines may need its own.
    return { key: text, value: /^[^\n]*\n$/.test(value) ? value.replace(/\r?\n$/, "") : value };
  }
  const value = await askSecret(`Value of ${text}`);
  if (value === undefined) throw new DOMException("The question got SIGINT", "AbortError");
  return { key: text, value };
}

async function notThere(request: SecretRequest, backend: SecretsBackend): Promise<CodedError> {
  const listed = await backend.list();
  const own = listed.filter(({ scope }) => scope?.pipeline === request.pipeline);
  const near = didYouMean(request.key, own.map(({ key }) => key));
  return new CodedError(
    "SECRET_MISSING",
    `Cannot remove "${request.key}"${forWhom(request)} as there is none${hintAt(near)}`,
    { fix: "pd secret list" },
  );
}

function scopeOf({ pipeline }: SecretRequest): SecretScope {
  return pipeline === undefined ? undefined : { pipeline };
}

function forWhom({ pipeline }: SecretRequest): string {
  return pipeline === undefined ? "" : ` of ${pipeline}`;
}
