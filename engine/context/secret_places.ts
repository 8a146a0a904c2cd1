/** A workflow's folder with a file of secrets per service. */
export const SECRETS_FOLDER = ".secrets";
/** A workflow's file with the secrets of all services. */
export const SECRETS_FILE = ".secrets.yaml";
/** Is not read, but whoever writes it means it to be secret. */
const MISNAMED_FILE = ".secrets.yml";
/** Where a cluster mounts a folder like `.secrets`. */
export const MOUNTED_SECRETS = "/app/secrets";

/** Every path that no node of a workflow may read, whether it exists or not. */
export function secretPlaces(workflowDir: string, loadedFrom: readonly string[] = []): string[] {
  const inFolder = [SECRETS_FOLDER, SECRETS_FILE, MISNAMED_FILE];
  return [
    ...new Set([
      ...inFolder.map((name) => `${workflowDir}/${name}`),
      MOUNTED_SECRETS,
      ...loadedFrom,
    ]),
  ];
}

const SECRET_PLACE = /(?:^|\/)(?:\.secrets(?:\.ya?ml)?|app\/secrets)(?:\/|$)/;

/** Whether a path is one of those places or lies in one, of whichever workflow. */
export function isSecretPlace(path: string): boolean {
  return SECRET_PLACE.test(path);
}
