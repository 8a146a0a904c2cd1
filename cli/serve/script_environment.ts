/** Variables of this process that are for the server alone: whoever writes a script must not become an admin by them. */
const OWN: ReadonlySet<string> = new Set([
  "PD_JWT_SECRET",
  "PRUNNER_JWT_SECRET",
  "PD_TOKEN",
  "PD_STORAGE",
  "PD_SECRETS",
  "PD_SECRETS_KEY",
  "PD_SECRET",
  "PD_GLOBAL_SECRET",
]);

/** The variables of this process as scripts see them. */
export function scriptEnvironment(
  all: { readonly [name: string]: string },
): { readonly [name: string]: string } {
  return Object.fromEntries(Object.entries(all).filter(([name]) => !OWN.has(name)));
}
