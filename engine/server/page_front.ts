import type { Clock } from "../clock/mod.ts";
import type { SingleRegistry } from "../registry/mod.ts";
import type { Trigger } from "../triggers/mod.ts";
import type { Workflow } from "../workflow/mod.ts";
import type { GroupModule } from "./load_groups.ts";
import type { Service } from "./service/mod.ts";

/** Where a page is shown. */
export interface PageAddress {
  readonly host: string;
  readonly port: number;
  readonly hostnames: readonly string[];
  readonly clock: Clock;
  /** Takes errors that nobody foresaw, for the log. */
  readonly onFault?: (error: unknown) => void;
}

/** The page of one workflow and the `/api/v1` that it calls, without tokens. Nothing of it is loaded before it is asked for. */
export interface PageFront {
  /** Whether a path is the page's. */
  isFor(path: string): boolean;
  /** Answers a request of the address that it came from. */
  handle(request: Request, options: { readonly from: string } & PageAddress): Promise<Response>;
  /** Tells whoever looks that the workflow was reloaded, or could not be. */
  changed(): void;
  /** Ends streams of events, for a shutdown. */
  endStreams(): void;
}

interface Opened {
  readonly service: Service;
  readonly registry: SingleRegistry;
}

/** Makes the page of a workflow that is open. */
export function createPageFront(
  workflow: Workflow,
  { triggers }: { triggers(): readonly Trigger[] },
): PageFront {
  let opened: Promise<Opened> | undefined;
  let loaded: Opened | undefined;

  async function open(address: PageAddress): Promise<Opened> {
    const { clock } = address;
    // Computed: whoever serves one workflow without its page needs none of it.
    const [{ registryOf }, { createService }, api, ui] = await Promise.all([
      load<typeof import("../registry/mod.ts")>("../registry/mod.ts"),
      load<typeof import("./service/mod.ts")>("./service/mod.ts"),
      load<GroupModule>("./api/mod.ts"),
      load<GroupModule>("./ui/mod.ts"),
    ]);
    const registry = registryOf(workflow, { triggers });
    const parts = { registry, clock };
    const groups = await Promise.all([api.createGroup(parts), ui.createGroup(parts)]);
    return loaded = {
      registry,
      service: createService({ registry, groups, auth: undefined, ...address }),
    };
  }

  return {
    isFor: (path) => path === "/" || /^\/(ui|api)(\/|$)/.test(path),
    async handle(request, { from, ...address }) {
      opened ??= open(address);
      const { service } = await opened;
      return await service.handle(request, from);
    },
    changed: () => loaded?.registry.changed(),
    endStreams: () => loaded?.service.endStreams(),
  };
}

async function load<Module>(path: string): Promise<Module> {
  return await import(new URL(path, import.meta.url).href);
}
