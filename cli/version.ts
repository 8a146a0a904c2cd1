import config from "../deno.json" with { type: "json" };

/** The version of pd and its engine. */
export const VERSION: string = config.version;
