import { Enums, Models, Serialize, Spec } from "@cyclonedx/cyclonedx-library";
import type { BundledWorkflow } from "../bundle/mod.ts";

/**
 * The packages in an image as CycloneDX 1.6 JSON: those of the engine with their exact versions, those of the nodes as
 * their deno.json names them. The base image is listed by its own bill. The same input gives the same text.
 */
export function billOfMaterials(
  { spec, packages, nodePackages }: Pick<BundledWorkflow, "spec" | "packages" | "nodePackages">,
  { epoch }: { readonly epoch: number },
): string {
  const bom = new Models.Bom();
  bom.metadata.timestamp = new Date(epoch * 1000);
  const root = new Models.Component(Enums.ComponentType.Application, spec.name, {
    version: spec.version,
    bomRef: `workflow:${spec.name}@${spec.version}`,
  });
  bom.metadata.component = root;
  for (const name of [...new Set([...packages, ...nodePackages])].sort()) {
    const component = componentOf(name);
    bom.components.add(component);
    root.dependencies.add(component.bomRef);
  }
  const factory = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
  const text = new Serialize.JsonSerializer(factory).serialize(bom, { sortLists: true, space: 2 });
  return `${text}\n`;
}

/** @param text `name@1.0` or `@scope/name@^1`, with or without a path behind. */
function componentOf(text: string): Models.Component {
  const [, scope, name = text, version] = /^(?:(@[^/@]+)\/)?([^/@]+)(?:@([^/]+))?/.exec(text) ?? [];
  const group = scope === undefined ? "" : `${encodeURIComponent(scope)}/`;
  const isExact = version !== undefined && /^\d/.test(version);
  const purl = `pkg:npm/${group}${name}${isExact ? `@${version}` : ""}`;
  return new Models.Component(Enums.ComponentType.Library, name, {
    ...scope === undefined ? {} : { group: scope },
    ...version === undefined ? {} : { version },
    purl,
    bomRef: purl,
  });
}
