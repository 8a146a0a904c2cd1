/** Who or what started a run: `by ann`, `by the schedule daily`. */
export function triggerText(trigger: unknown): string {
  if (typeof trigger !== "object" || trigger === null) return "started";
  const { type, user, name, schedule, workflow } = trigger as { readonly [key: string]: unknown };
  const named = (value: unknown) => typeof value === "string" && value !== "" ? ` ${value}` : "";
  switch (type) {
    case "api":
    case "manual":
    case "http":
      return typeof user === "string" && user !== "" ? `started by ${user}` : "started by hand";
    case "cron":
    case "schedule":
      return `started by schedule${named(name ?? schedule)}`;
    case "webhook":
      return `started by webhook${named(name)}`;
    case "queue":
      return `started by message${named(name)}`;
    case "push":
      return `started by push${named(user)}`;
    case "retry":
      return typeof user === "string" && user !== "" ? `run again by ${user}` : "run again";
    case "workflow":
      return `started by workflow${named(workflow)}`;
    default:
      return typeof type === "string" ? `started by ${type}` : "started";
  }
}
