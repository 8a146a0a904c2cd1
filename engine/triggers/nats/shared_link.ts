import type { TriggerHost } from "../trigger.ts";
import { Link } from "./link.ts";
import type { NatsSettings } from "./nats_settings.ts";

interface Shared {
  readonly link: Link;
  users: number;
}

/** Links in use, by workflow and settings. The key holds credentials and never leaves this map. */
const LINKS = new Map<string, Shared>();

/** A link that several triggers may hold; the last to let go closes it. */
export interface SharedLink extends AsyncDisposable {
  readonly link: Link;
}

/** The link of a workflow to its servers: one for all triggers with equal settings. */
export function shareLink(settings: NatsSettings, host: TriggerHost): SharedLink {
  const key = JSON.stringify([host.workflow, settings]);
  const shared = LINKS.get(key) ?? { link: new Link(settings, host), users: 0 };
  LINKS.set(key, shared);
  shared.users++;
  let isHeld = true;
  return {
    link: shared.link,
    async [Symbol.asyncDispose]() {
      if (!isHeld) return;
      isHeld = false;
      if (--shared.users > 0) return;
      LINKS.delete(key);
      await shared.link.close();
    },
  };
}
