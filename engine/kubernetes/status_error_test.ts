import assert from "node:assert/strict";
import { statusError } from "./status_error.ts";

/** Answers of a real cluster (Kubernetes 1.36). */
const recorded: readonly {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: unknown;
}[] = JSON.parse(
  await Deno.readTextFile(new URL("./testdata/refusals.json", import.meta.url)),
);

const WANT: { readonly [name: string]: readonly [code: string, fix: RegExp | undefined] } = {
  "a token that nobody knows": ["KUBERNETES_FORBIDDEN", /^kubectl auth whoami/],
  "a right that is missing": [
    "KUBERNETES_FORBIDDEN",
    /^kubectl create role pd-list-pods --namespace hello-ns --verb=list --resource=pods && kubectl create rolebinding .* --serviceaccount=lab-sa:nobody$/,
  ],
  "a right of the whole cluster": [
    "KUBERNETES_FORBIDDEN",
    /^kubectl create clusterrole pd-list-deployments --verb=list --resource=deployments\.apps/,
  ],
  "a right on a subresource": ["KUBERNETES_FORBIDDEN", /--verb=get --resource=pods\/log/],
  "a Pod Security level": ["KUBERNETES_REFUSED", undefined],
  "a runtime class that is not there": ["KUBERNETES_REFUSED", undefined],
  "a pod that is gone": ["KUBERNETES_REFUSED", undefined],
};

for (const { name, method, path, status, body } of recorded) {
  Deno.test(`statusError() tells what is in the way: ${name}`, () => {
    const asked = { server: "https://cluster", method, path };
    const error = statusError(asked, status, JSON.stringify(body));
    const [code, fix] = WANT[name] ?? [];
    assert.equal(error.code, code);
    assert.equal(error.status, status);
    if (fix === undefined) assert.equal(error.fix, undefined);
    else assert.match(error.fix ?? "", fix);
  });
}

Deno.test("statusError() repeats an answer that is no Status", () => {
  const asked = { server: "https://cluster", method: "GET", path: "/x?token=1" };
  const error = statusError(asked, 502, "<html>bad gateway</html>");
  assert.match(error.message, /"GET \/x" as the cluster refuses: <html>bad gateway/);
});
