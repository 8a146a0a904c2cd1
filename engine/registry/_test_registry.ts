import { type Clock, systemClock } from "../clock/mod.ts";
import type { JsonObject } from "../json/mod.ts";
import { openStorage, type Storage } from "../storage/mod.ts";
import { openRegistry, type OpenRegistryOptions } from "./open_registry.ts";
import type { OpenRegistry } from "./opened_registry.ts";

/** A folder of a test with workflows, and registries over it. */
export interface RegistryTest {
  readonly path: string;
  readonly storage: Storage;
  /** What registries told the operator. */
  readonly logged: { readonly message: string; readonly fields: JsonObject | undefined }[];
  /** Writes files below the folder; `undefined` removes one. */
  write(files: { readonly [path: string]: string | undefined }): Promise<void>;
  /** Opens a registry over the folder; it is closed with the test. */
  open(options?: Partial<OpenRegistryOptions>): Promise<OpenRegistry>;
}

/** Makes a folder, hands it to the test, and removes it with all that the test opened. */
export async function withRegistry(
  files: { readonly [path: string]: string },
  test: (test: RegistryTest) => Promise<void>,
  clock: Clock = systemClock,
): Promise<void> {
  const path = await Deno.realPath(await Deno.makeTempDir({ prefix: "pd-registry-" }));
  const logged: RegistryTest["logged"] = [];
  try {
    await using storage = await openStorage("memory:", { clock });
    await using opened = new AsyncDisposableStack();
    const write: RegistryTest["write"] = async (files) => {
      for (const [name, text] of Object.entries(files)) {
        const file = `${path}/${name}`;
        if (text === undefined) {
          await Deno.remove(file, { recursive: true });
          continue;
        }
        await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
        await Deno.writeTextFile(file, text);
      }
    };
    await write(files);
    await test({
      path,
      storage,
      logged,
      write,
      open: async (options = {}) =>
        opened.use(
          await openRegistry({
            path,
            storage,
            clock,
            log: (_level, message, fields) => void logged.push({ message, fields }),
            ...options,
          }),
        ),
    });
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

/** The files of a workflow whose one node, in the engine, answers what `answer` says. */
export function flow(
  folder: string,
  { name = folder.split("/").at(-1) ?? "", answer = "input", more = "" }: {
    readonly name?: string;
    /** An expression of TypeScript over `ctx` and `input`. */
    readonly answer?: string;
    /** Further lines of the file. */
    readonly more?: string;
  } = {},
): { readonly [path: string]: string } {
  return {
    [`${folder}/workflow.yaml`]:
      `name: ${name}\nversion: "1.0"\ndescription: Of a test\nnodes:\n  only: { path: ./only.ts, isolation: none }\n${more}`,
    [`${folder}/only.ts`]:
      `export default async function run(ctx: any, input: any): Promise<any> {\n  return ${answer};\n}\n`,
  };
}
