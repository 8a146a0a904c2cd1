import { stringify } from "yaml";
import type { PrunnerClient } from "./_prunner_client.ts";
import { PrunnerServer } from "./_prunner_server.ts";

/** One behaviour that people rely on: pipelines, and what is seen of them over HTTP. */
export interface PrunnerCase {
  /** A sentence. */
  readonly does: string;
  /** As `pipelines.yml` has them; names are unique among the cases of a table, as one server has them all. */
  readonly pipelines?: { readonly [name: string]: object };
  show(place: CasePlace): Promise<void>;
}

/** Where a case is shown. */
export interface CasePlace {
  readonly server: PrunnerServer;
  readonly client: PrunnerClient;
}

/** Where the server of a table is started. */
export interface CasesOptions {
  readonly files?: { readonly [path: string]: string };
  readonly env?: { readonly [name: string]: string };
}

/** A test with a step for each case, all of one `pd serve` as a process of its own. */
export function showPrunnerCases(
  title: string,
  cases: readonly PrunnerCase[],
  { files = {}, env = {} }: CasesOptions = {},
): void {
  Deno.test(title, async (t) => {
    const pipelines = Object.assign({}, ...cases.map(({ pipelines }) => pipelines));
    await using server = await PrunnerServer.start({
      files: { "pipelines.yml": stringify({ pipelines }), ...files },
      env,
    });
    for (const { does, show } of cases) {
      // Connections of the client outlive a step, and end with the test.
      await t.step({
        name: does,
        sanitizeOps: false,
        sanitizeResources: false,
        fn: () => show({ server, client: server.client }),
      });
    }
  });
}
