/** Where base images have it. Not from the door of `dockerfile`, behind which the whole engine lies. */
const DENO = "/bin/deno";

/** A call that a workflow's own image is to make. */
export interface OwnImageCall {
  /** The only `host:port` that the process may reach. */
  readonly host: string;
  readonly url: string;
  /** JSON. */
  readonly body: string;
  /** It fails when there is no answer after so long. */
  readonly seconds: number;
}

/** What `curl --fail-with-body` does, in the one program that the image has. No `#` and no `%`: it is part of a URL. */
const CODE = [
  "const[url,body,seconds]=Deno.args;",
  'const headers={"content-type":"application/json"};',
  "const signal=AbortSignal.timeout(seconds*1000);",
  'try{const answer=await fetch(url,{method:"POST",headers,body,signal});',
  "console.log(answer.status,await answer.text());Deno.exit(answer.ok?0:1)}",
  "catch(error){console.error(String(error));Deno.exit(1)}",
].join("");

/**
 * A command that makes the call with deno alone. Its module is the argument itself, so it needs no file in the
 * image, nothing from the network and no place to write.
 */
export function ownImageCommand({ host, url, body, seconds }: OwnImageCall): readonly string[] {
  return [
    ...[DENO, "run", "--quiet", "--no-prompt", "--no-remote", "--cached-only", "--no-config"],
    ...["--no-lock", "--ignore-env", `--allow-net=${host}`, `data:text/javascript,${CODE}`],
    ...[url, body, `${seconds}`],
  ];
}
