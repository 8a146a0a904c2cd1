/** One request as a test server saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
}

/** A server on a free port of this machine that notes what it is asked. */
export interface TestServer extends AsyncDisposable {
  readonly url: string;
  /** What came in, oldest first. */
  readonly requests: readonly SeenRequest[];
}

/** Starts one. `answer` gets the request after it was noted. */
export function startServer(
  answer: (url: URL, request: SeenRequest) => Response | Promise<Response> = () =>
    new Response("ok"),
): TestServer {
  const requests: SeenRequest[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const { method, url } = request;
    const seen = { method, url, headers: new Headers(request.headers), body: await request.text() };
    requests.push(seen);
    return await answer(new URL(url), seen);
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    requests,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** A redirect to `location`. */
export function redirect(status: number, location: string): Response {
  return new Response(null, { status, headers: { location } });
}
