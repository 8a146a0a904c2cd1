import { Document, visit } from "yaml";
import type { Manifest } from "./manifest.ts";

/** Shown in place of a value that is secret. */
const MASK = "***";

/** Manifests as YAML documents, their keys in the order of the objects. Equal objects give equal bytes. */
export function toYaml(manifests: readonly unknown[]): string {
  return manifests.map((manifest) => {
    const document = new Document(manifest, { aliasDuplicateObjects: false });
    // A `y` or `012` that is text stays text for readers of YAML 1.1, such as the cluster's.
    visit(document, {
      Scalar(key, node) {
        if (key !== "key" && typeof node.value === "string" && isDoubtful(node.value)) {
          node.type = "QUOTE_DOUBLE";
        }
      },
    });
    return `---\n${document.toString({ lineWidth: 0 })}`;
  }).join("");
}

/** The same manifests without the values of secrets. */
export function withoutSecretValues(manifests: readonly Manifest[]): readonly Manifest[] {
  return manifests.map((manifest) => {
    if (manifest.kind !== "Secret") return manifest;
    const keys = Object.keys(manifest.data);
    return { ...manifest, data: Object.fromEntries(keys.map((key) => [key, MASK])) };
  });
}

function isDoubtful(text: string): boolean {
  return /^(y|n|yes|no|on|off|true|false|null|~)$/i.test(text) || /^[-+.:\d]/.test(text);
}
