import type { ServiceSpec } from "../spec/mod.ts";

/** The services of a workflow, by name. */
export type Services = { readonly [name: string]: ServiceSpec };

/** The absolute URL that `ctx.fetch(service, path)` asks. */
export function serviceUrl(
  { service, path }: { service: string | undefined; path: string },
  services: Services,
): string {
  if (service === undefined || /^https?:\/\//.test(path)) return path;
  return baseUrl(service, services) + path;
}

/** `url` as the node wrote it for `ctx.fetch`: the path when it is below the service, else all of it. */
export function servicePath(
  { service, url }: { service: string | undefined; url: string },
  services: Services,
): string {
  if (service === undefined) return url;
  const base = baseUrl(service, services);
  return url.startsWith(`${base}/`) ? url.slice(base.length) : url;
}

/** The same text for URLs that differ only in the order of their query or in their fragment. */
export function canonicalUrl(url: string): string {
  const parsed = new URL(url);
  parsed.hash = "";
  parsed.searchParams.sort();
  return parsed.href;
}

function baseUrl(service: string, services: Services): string {
  const url = services[service]?.url ?? `https://api.${service}.com`;
  return new URL(url).href.replace(/\/$/, "");
}
