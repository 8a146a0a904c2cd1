import { cacheDir } from "../../engine/cache/mod.ts";
import type { CheckEnv, Finding } from "./check.ts";

/** Can pd write to its folder in the user's cache? */
export async function checkCache(host: CheckEnv): Promise<Finding> {
  const folder = cacheDir((name) => host.env(name));
  if (folder === undefined) {
    return {
      status: "warn",
      detail: "no home folder: pd looks for Deno anew at each start",
      fix: "export HOME=/path/to/home",
    };
  }
  try {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.remove(await Deno.makeTempFile({ dir: folder, prefix: "doctor-" }));
    return { status: "ok", detail: `${folder} is writable` };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      status: "fail",
      detail: `${folder} is not writable: ${reason}`,
      fix: `mkdir -p "${folder}" && chmod u+rwx "${folder}"`,
    };
  }
}
