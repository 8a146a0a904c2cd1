import type { CompiledDag } from "../compiler/mod.ts";
import { findSecret, secretNameOf, type Secrets } from "../context/mod.ts";
import { CodedError } from "../errors/mod.ts";

/** Why no run may start: secrets that container nodes refer to and that are not there, all of them by name. */
export function missingSecret({ nodes }: CompiledDag, secrets: Secrets): CodedError | undefined {
  const places: { readonly node: string; readonly name: string }[] = [];
  for (const { id, spec } of nodes) {
    if (spec.kind !== "container") continue;
    for (const value of Object.values(spec.env)) {
      const name = secretNameOf(value);
      if (name === undefined || findSecret(secrets, name) !== undefined) continue;
      places.push({ node: id, name });
    }
  }
  const [first] = places;
  if (first === undefined) return undefined;
  const names = [...new Set(places.map(({ name }) => name))];
  const [, service, key] = /^([^.]+)\.(.+)$/.exec(first.name) ?? [];
  return new CodedError(
    "SECRET_MISSING",
    `Cannot start node "${first.node}" as its env needs the secret "${first.name}": ` +
      (names.length === 1
        ? "there is none"
        : `it is missing, and so is ${names.slice(1).join(", ")}`),
    {
      fix: service === undefined
        ? `pd secret set ${first.name}, or pd run -e ${first.name}=@file`
        : `Write to .secrets.yaml: ${service}: { ${key}: "…" }`,
    },
  );
}
