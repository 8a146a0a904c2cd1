/** Where a workflow's secrets lie unless told otherwise. */
const IN_FOLDER = [".secrets", ".secrets.yaml", ".secrets.yml"];
/** Where a pod mounts them. */
const MOUNTED = "/app/secrets";

/** Every path that no node of a workflow may read, whether it exists or not. */
export function secretPlaces(workflowDir: string, loadedFrom: readonly string[] = []): string[] {
  return [
    ...new Set([...IN_FOLDER.map((name) => `${workflowDir}/${name}`), MOUNTED, ...loadedFrom]),
  ];
}
