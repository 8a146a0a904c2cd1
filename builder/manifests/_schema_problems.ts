/** A schema of the Kubernetes API, as far as its documents go. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: { readonly [name: string]: Schema };
  readonly additionalProperties?: Schema;
  readonly required?: readonly string[];
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
}

interface Documents {
  /** By `apiVersion/kind`. */
  readonly kinds: { readonly [kind: string]: string };
  readonly schemas: { readonly [name: string]: Schema };
}

const DOCUMENTS: Documents = JSON.parse(
  await Deno.readTextFile(new URL("testdata/openapi.json", import.meta.url)),
);

type Json = { readonly [key: string]: unknown };

/** Everything that an API server would refuse in the shape of an object: unknown fields, wrong types, what is missing. */
export function schemaProblems(manifest: unknown): readonly string[] {
  const { apiVersion, kind } = manifest as Json;
  const name = DOCUMENTS.kinds[`${apiVersion}/${kind}`];
  if (name === undefined) return [`${apiVersion}/${kind} is no known kind`];
  return check(manifest, { $ref: name }, `${kind}`);
}

function check(value: unknown, schema: Schema, path: string): string[] {
  if (schema.$ref !== undefined) {
    const target = DOCUMENTS.schemas[schema.$ref];
    return target === undefined
      ? [`${path}: no schema ${schema.$ref}`]
      : check(value, target, path);
  }
  if (schema.oneOf !== undefined) {
    const fits = schema.oneOf.some((one) => check(value, one, path).length === 0);
    return fits ? [] : [`${path}: ${JSON.stringify(value)} fits none of the types`];
  }
  if (schema.type === "object" || schema.properties !== undefined) {
    return checkObject(value, schema, path);
  }
  if (schema.type === "array") return checkArray(value, schema, path);
  return checkScalar(value, schema, path);
}

function checkObject(value: unknown, schema: Schema, path: string): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [`${path}: is no object`];
  }
  const missing = (schema.required ?? []).filter((key) => !Object.hasOwn(value, key));
  const found = Object.entries(value).flatMap(([key, entry]) => {
    const one = schema.properties?.[key] ?? schema.additionalProperties;
    if (one === undefined) return [`${path}.${key}: field not declared in schema`];
    return check(entry, one, `${path}.${key}`);
  });
  return [...missing.map((key) => `${path}.${key}: is missing`), ...found];
}

function checkArray(value: unknown, schema: Schema, path: string): string[] {
  if (!Array.isArray(value)) return [`${path}: is no list`];
  const keys = schema["x-kubernetes-list-map-keys"];
  const seen = new Set<string>();
  const problems = value.flatMap((entry, index) =>
    check(entry, schema.items ?? {}, `${path}[${index}]`)
  );
  for (const entry of keys === undefined ? [] : value) {
    const id = JSON.stringify(keys?.map((key) => (entry as Json)[key]));
    if (seen.has(id)) problems.push(`${path}: has ${id} twice`);
    seen.add(id);
  }
  return problems;
}

function checkScalar(value: unknown, schema: Schema, path: string): string[] {
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    return [`${path}: ${JSON.stringify(value)} is not one of ${schema.enum.join(", ")}`];
  }
  const isFit = schema.type === undefined ||
    (schema.type === "integer" ? Number.isInteger(value) : typeof value === schema.type);
  return isFit ? [] : [`${path}: ${JSON.stringify(value)} is no ${schema.type}`];
}
