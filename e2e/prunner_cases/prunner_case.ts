import type { PrunnerClient } from "../_prunner_client.ts";
import type { PrunnerServer } from "../_prunner_server.ts";

/** One behaviour that people rely on: pipelines, and what is seen of them over HTTP. */
export interface PrunnerCase {
  /** A sentence. */
  readonly does: string;
  /** As `pipelines.yml` has them; names are unique among all cases, as one server has them all. */
  readonly pipelines?: { readonly [name: string]: object };
  show(place: CasePlace): Promise<void>;
}

/** Where a case is shown. */
export interface CasePlace {
  readonly server: PrunnerServer;
  readonly client: PrunnerClient;
}
