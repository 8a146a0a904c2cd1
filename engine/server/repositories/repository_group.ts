import type { Clock } from "../../clock/mod.ts";
import type { ReceivedPush, Repositories } from "../../repositories/mod.ts";
import { API, commitRoutes, toServiceRoute } from "../api/mod.ts";
import { errorResponse } from "../error_response.ts";
import { jsonResponse } from "../json_response.ts";
import type { GroupParts } from "../load_groups.ts";
import { readBytes } from "../read_body.ts";
import type { RouteGroup, ServiceRoute } from "../service/mod.ts";

const MAX_HOOK_BYTES = 1024 * 1024;
/** Senders of webhooks wait ten seconds at the most; a large repository takes longer to fetch. */
const PATIENCE_MS = 8_000;

/** The group, as a server loads it. */
export function createGroup({ registry, clock, repositories }: GroupParts): RouteGroup {
  const routes = repositories === undefined ? [] : [
    ...commitRoutes({ registry, clock, repositories }).map(atRoot),
    hookRoute(repositories, clock),
  ];
  return { routes, answerError: (error) => errorResponse(error) };
}

function atRoot(route: Parameters<typeof toServiceRoute>[0]): ServiceRoute {
  const served = toServiceRoute(route);
  return { ...served, path: served.path.slice(API.length) };
}

/** `POST /repos/<repo>/hook`: takes a push of GitHub, GitLab, Gitea or Forgejo, verified by the repository's secret. */
function hookRoute(repositories: Repositories, clock: Clock): ServiceRoute {
  return {
    method: "POST",
    path: "/repos/:repo/hook",
    scope: "public",
    isForPrograms: true,
    async handle(request, { params }) {
      const body = await readBytes(request, MAX_HOOK_BYTES);
      const name = params["repo"] ?? "";
      const received = repositories.receive(name, { headers: request.headers, body });
      // What goes wrong after the answer is told by the log, and by the repository itself.
      received.catch(() => {});
      const late = Promise.withResolvers<"late">();
      const stopTimer = clock.after(PATIENCE_MS, () => late.resolve("late"));
      try {
        const push = await Promise.race([received, late.promise]);
        return push === "late" ? jsonResponse(202, { accepted: true }) : answerPush(push);
      } finally {
        stopTimer();
      }
    },
  };
}

function answerPush(push: ReceivedPush): Response {
  if (push.status === "ignored") {
    return jsonResponse(202, { ignored: true, reason: push.reason });
  }
  const { commit, ref, runs } = push;
  const [{ run: { id } }] = runs;
  return jsonResponse(202, {
    id,
    commit,
    ref,
    runs: runs.map(({ run, workflow, isNew }) => ({ id: run.id, workflow, isNew })),
  }, { location: `/pipelines/runs/${id}` });
}
