import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CommandDefinition } from "../command.ts";
import { readTimeout } from "../read_timeout.ts";

// Computed, as the runtime loads what an import names literally.
const DEPLOY_TARGET = new URL("../deploy_target.ts", import.meta.url).href;
const DEFAULT_TIMEOUT_MS = 300_000;

/** `pd deploy` */
export const definition: CommandDefinition = {
  name: "deploy",
  summary: "Put a workflow on Kubernetes",
  examples: [
    {
      run: "pd deploy",
      does: "this folder's workflow, to the current context; waits until it is up",
    },
    { run: "pd deploy . -n batch -r registry.example.com", does: "image and namespace told" },
    { run: "pd deploy . --diff", does: "what would change in the cluster" },
    { run: "pd deploy . --dry-run", does: "the manifests, without a cluster" },
    { run: "pd deploy . -o k8s/base", does: "a kustomize base, without secrets" },
  ],
  build: (command, cli) =>
    command
      .description(
        "Put a workflow on Kubernetes: its image as a locked pod, a Service, a NetworkPolicy, a CronJob for each schedule, and its secrets. Applies on the server's side as the field manager pipedreamer, waits until the new pod is up, and says why when it does not come up. --dry-run and -o ask no cluster.",
      )
      .argument("[dir]", "folder of a workflow, or a workflow.yaml", ".")
      .option("--image <reference>", "the image; else <registry>/<name>:<version>")
      .option(
        "--cluster-registry <url>",
        "the registry as the cluster reaches it, when that differs",
      )
      .option(
        "--runtime-class <name>",
        'RuntimeClass of the pods; "" for the cluster\'s own',
        "gvisor",
      )
      .option("--secrets <path>", "secrets from this file or folder alone")
      .option("--ingress <host>", "let webhooks in from outside the cluster, at this host")
      .option("--ingress-class <name>", "class of that ingress; else the cluster's default")
      .option(
        "--ingress-namespace <name>",
        "namespace of the ingress controller's pods",
        "ingress-nginx",
      )
      .option("--dry-run", "print the manifests and touch nothing; secret values are ***")
      .option("--diff", "show what would change in the cluster, and change nothing")
      .option(
        "-o, --output <dir>",
        "write a kustomize base to this folder; json and text choose the form of the answer, as everywhere",
      )
      .option("--wait", "wait until the new pod is up", true)
      .option("--no-wait", "be done when everything is applied")
      .option("--timeout <duration>", "how long to wait", readTimeout, DEFAULT_TIMEOUT_MS)
      .option("--force", "take over fields that another manager has set")
      .option("-y, --yes", "do not ask")
      .option("--context <name>", "context of the kubeconfig, else its current one")
      .option("--kubeconfig <path>", "kubeconfig file, else $KUBECONFIG or ~/.kube/config")
      .action(async (dir, options) => {
        const { deployTarget } = await import(
          DEPLOY_TARGET
        ) as typeof import("../deploy_target.ts");
        const base = options.output === "json" || options.output === "text"
          ? undefined
          : options.output;
        await deployTarget(cli, {
          target: dir,
          image: options.image,
          clusterRegistry: options.clusterRegistry,
          runtimeClass: options.runtimeClass,
          secretsPath: options.secrets === undefined ? undefined : cli.resolve(options.secrets),
          ingress: options.ingress === undefined ? undefined : {
            host: options.ingress,
            namespace: options.ingressNamespace,
            ...(options.ingressClass === undefined ? {} : { className: options.ingressClass }),
          },
          dryRun: options.dryRun ?? false,
          diff: options.diff ?? false,
          base: base === undefined ? undefined : cli.resolve(base),
          wait: options.wait,
          timeoutMs: options.timeout,
          force: options.force ?? false,
          yes: options.yes ?? false,
          context: options.context,
          kubeconfig: options.kubeconfig === undefined
            ? undefined
            : cli.resolve(options.kubeconfig),
        });
      }) as CommandUnknownOpts,
};
